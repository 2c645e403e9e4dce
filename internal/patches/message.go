package patches

import (
	"context"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Message says what a patch does.
type Message struct {
	Dir     string // the folder that it is about, from the repository's top: internal/pricing
	Subject string // begins with a verb in lower case: "put pricing.Engine behind an interface"
	// Body are paragraphs. One whose lines are indented stays as it is, others are
	// wrapped.
	Body []string
}

// A Style is how the subjects of a repository's log begin.
type Style struct {
	// Prefix is what stands before the colon: a folder ("path"), the last element
	// of one ("base"), a type of change and a scope ("refactor(x)"), a type alone
	// ("refactor"), a word in brackets ("[base]"), or nothing.
	Prefix  string
	Capital bool // the text begins with a capital letter
}

// The prefixes of a Style.
const (
	Path         = "path"
	Base         = "base"
	Scoped       = "refactor(x)"
	Conventional = "refactor"
	Bracketed    = "[base]"
)

var (
	conventional = regexp.MustCompile(`^(build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(\([^)]*\))?!?: *(.)`)
	prefixed     = regexp.MustCompile(`^([\w./-]+(?:, ?[\w./-]+)*): +(.)`)
	bracketed    = regexp.MustCompile(`^\[[^\]]+\]:? *(.)`)
)

// style reads the style of the last commits. Where less than half of them share
// one, subjects have no prefix.
func (s *Stack) style(ctx context.Context) (Style, error) {
	if _, err := git(ctx, s.top, nil, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return Style{}, ctx.Err() // no commit yet
	}
	log, err := git(ctx, s.top, nil, "log", "--no-merges", "--max-count=200", "--format=%s")
	if err != nil {
		return Style{}, err
	}
	folders, err := git(ctx, s.top, nil, "ls-tree", "-r", "-d", "--name-only", "-z", "HEAD")
	if err != nil {
		return Style{}, err
	}
	return StyleOf(strings.Split(line(log), "\n"), strings.Split(string(folders), "\x00")), nil
}

// StyleOf is the style of subjects in a repository with the given folders.
func StyleOf(subjects, folders []string) Style {
	whole, last := map[string]bool{}, map[string]bool{}
	for _, f := range folders {
		whole[f], last[path.Base(f)] = true, true
	}
	count, capital, all := map[string]int{}, map[string]int{}, 0
	for _, subject := range subjects {
		if strings.TrimSpace(subject) == "" {
			continue
		}
		all++
		kind, text := kindOf(subject, whole, last)
		count[kind]++
		if r, _ := utf8.DecodeRuneInString(text); unicode.IsUpper(r) {
			capital[kind]++
		}
	}
	if n := count[Scoped] + count[Conventional]; n*2 > all { // what has a scope and what hasn't are one style
		kind := Conventional
		if count[Scoped]*2 >= count[Conventional] {
			kind = Scoped
		}
		return Style{kind, (capital[Scoped]+capital[Conventional])*2 > n}
	}
	if n := count[Path] + count[Base]; n*2 > all {
		kind := Path
		if count[Base] > count[Path] {
			kind = Base
		}
		return Style{kind, (capital[Path]+capital[Base])*2 > n}
	}
	if n := count[Bracketed]; n*2 > all {
		return Style{Bracketed, capital[Bracketed]*2 > n}
	}
	return Style{"", capital[""]*2 > count[""]}
}

// kindOf returns the prefix of a subject, and the text after it.
func kindOf(subject string, whole, last map[string]bool) (kind, text string) {
	if m := conventional.FindStringSubmatch(subject); m != nil {
		if m[2] != "" {
			return Scoped, m[3]
		}
		return Conventional, m[3]
	}
	if m := prefixed.FindStringSubmatch(subject); m != nil {
		first, _, _ := strings.Cut(m[1], ",")
		switch {
		case strings.Contains(first, "/") || whole[first] && !nested(first, whole):
			return Path, m[2]
		default:
			return Base, m[2]
		}
	}
	if m := bracketed.FindStringSubmatch(subject); m != nil {
		return Bracketed, m[1]
	}
	return "", subject
}

// nested reports a name that is also the last element of a deeper folder, which
// tells nothing of the style.
func nested(name string, whole map[string]bool) bool {
	for f := range whole {
		if strings.HasSuffix(f, "/"+name) {
			return true
		}
	}
	return false
}

// text spells the message.
func (m Message) text(s Style) (subject, body string) {
	subject = m.Subject
	if s.Capital {
		r, n := utf8.DecodeRuneInString(subject)
		subject = string(unicode.ToUpper(r)) + subject[n:]
	}
	base := path.Base(m.Dir)
	if m.Dir == "" || m.Dir == "." {
		base = "all"
	}
	if s.Prefix != "" && s.Prefix != Conventional { // which names the package
		subject = strings.ReplaceAll(subject, " "+base+".", " ")
	}
	switch s.Prefix {
	case Path:
		if base == "all" {
			subject = base + ": " + subject
		} else {
			subject = m.Dir + ": " + subject
		}
	case Base:
		subject = base + ": " + subject
	case Bracketed:
		subject = "[" + base + "] " + subject
	case Scoped:
		subject = "refactor(" + base + "): " + subject
		if base == "all" {
			subject = strings.Replace(subject, "(all)", "", 1)
		}
	case Conventional:
		subject = "refactor: " + subject
	}
	var paragraphs []string
	for _, p := range m.Body {
		if !strings.HasPrefix(p, " ") {
			p = wrap(p, 72)
		}
		paragraphs = append(paragraphs, p)
	}
	return subject, strings.Join(paragraphs, "\n\n")
}

// wrap breaks a paragraph into lines.
func wrap(text string, width int) string {
	var b strings.Builder
	n := 0
	for _, word := range strings.Fields(text) {
		w := utf8.RuneCountInString(word)
		switch {
		case n == 0:
		case n+1+w > width:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += w
	}
	return b.String()
}
