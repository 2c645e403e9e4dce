package wraptransaction

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"go/version"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// rewrite makes the edits, and returns the new file.
func (j *job) rewrite() map[string][]byte {
	f := j.around.File
	for _, c := range j.calls {
		f.Replace(c.expr.Fun.Pos(), c.expr.Fun.End(), j.local("record"))
	}
	j.dropImport()
	if j.now {
		j.deliverAfterCommit()
	}
	j.say()
	return map[string][]byte{j.newFile(): j.source()}
}

// dropImport takes the import of the callee's package away where the calls were all
// that needed it.
func (j *job) dropImport() {
	if j.here() {
		return
	}
	gone := map[*ast.Ident]bool{}
	for _, c := range j.calls {
		if sel, ok := ast.Unparen(c.expr.Fun).(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				gone[id] = true
			}
		}
	}
	j.around.File.DropImport(j.callee.Obj.Pkg().Path(), gone)
}

// here reports a callee of the package of the transaction.
func (j *job) here() bool { return j.callee.Obj.Pkg().Path() == j.around.Obj.Pkg().Path() }

// local makes an unexported name: recordCharge.
func (j *job) local(verb string) string { return verb + j.name }

// deliverAfterCommit lets the function deliver when it has committed: where it
// returns the error of the commit, or after if err := tx.Commit(); err != nil.
func (j *job) deliverAfterCommit() {
	f := j.around.File
	var stack []ast.Node
	done := false
	ast.Inspect(j.around.Func.Body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if n == ast.Node(j.commit) {
			done = j.afterCommit(f, stack)
		}
		return true
	})
	if !done {
		j.note(j.commit, j.around.Func.Name.Name+" doesn't deliver after this commit: it stands in a way that leaves no place for it")
	}
}

// afterCommit puts the delivery after the commit at the end of a path, and reports
// whether there is a place for it.
func (j *job) afterCommit(f *code.File, path []ast.Node) bool {
	n := len(path)
	switch p := path[n-2].(type) {
	case *ast.ReturnStmt:
		if j.around.Obj.Signature().Results().Len() != 1 {
			return false
		}
		f.Replace(p.Pos(), p.End(), "if err := "+f.Source(j.commit)+"; err != nil {\nreturn err\n}\n"+j.delivery(f)+"\nreturn nil")
		return true
	case *ast.AssignStmt:
		s, ok := path[n-3].(*ast.IfStmt)
		if ok && s.Init == ast.Stmt(p) && s.Else == nil && leaves(s) {
			f.Insert(s.End(), "\n"+j.delivery(f))
			return true
		}
		b, ok := path[n-3].(*ast.BlockStmt)
		if !ok {
			return false
		}
		if i := slices.Index(b.List, ast.Stmt(p)); i+1 < len(b.List) {
			if s, ok := b.List[i+1].(*ast.IfStmt); ok && s.Init == nil && s.Else == nil && leaves(s) {
				f.Insert(s.End(), "\n"+j.delivery(f))
				return true
			}
		}
	}
	return false
}

// leaves reports if ... != nil { ...; return }.
func leaves(s *ast.IfStmt) bool {
	b, ok := s.Cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ || len(s.Body.List) == 0 {
		return false
	}
	_, ok = s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
	return ok
}

// delivery writes the statements that deliver in the function.
func (j *job) delivery(f *code.File) string {
	log := f.ImportAt(j.commit.Pos(), "log", "log")
	db := f.Source(j.db)
	args := []string{j.context(f), db, db}
	if r := j.calls[0].recv; r != nil {
		args = append(args, f.Source(r))
	}
	return "// What can't be delivered now stays for the next call of Deliver" + j.name + ".\n" +
		"if err := Deliver" + j.name + "(" + strings.Join(args, ", ") + "); err != nil {\n" + log + ".Printf(\"deliver " + strings.ToLower(j.name) + ": %v\", err)\n}"
}

// context spells the context that the call had, or that the transaction was begun with.
func (j *job) context(f *code.File) string {
	for i, p := range j.params {
		if p.ctx {
			return f.Source(j.calls[0].expr.Args[i])
		}
	}
	for v := range j.around.Obj.Signature().Params().Variables() {
		if v.Type().String() == "context.Context" && v.Name() != "" && v.Name() != "_" {
			return v.Name()
		}
	}
	return f.ImportAt(j.commit.Pos(), "context", "context") + ".Background()"
}

// source writes the new file.
func (j *job) source() []byte {
	imports := map[string]string{"context": "context", "database/sql": "sql", "encoding/json": "json", "errors": "errors", "crypto/rand": "rand"}
	spell := func(t types.Type) string {
		return types.TypeString(t, func(p *types.Package) string {
			if p.Path() == j.around.Obj.Pkg().Path() {
				return ""
			}
			imports[p.Path()] = p.Name()
			return p.Name()
		})
	}
	d := data{
		Name: j.name, Table: snake(j.name), Message: naming.Unexported(j.name) + "Message", Callee: j.callee.Func.Name.Name, Around: j.around.Func.Name.Name, Package: j.around.Obj.Pkg().Name(),
		Old: version.Compare(j.around.Obj.Pkg().GoVersion(), "go1.24") < 0 && j.around.Obj.Pkg().GoVersion() != "",
	}
	var recordParams, recordFields, callArgs []string
	for i, p := range j.params {
		switch {
		case p.ctx:
			recordParams, callArgs = append(recordParams, "ctx context.Context"), append(callArgs, "ctx")
			d.Context = true
		case p.tx:
			recordParams, callArgs = append(recordParams, "tx *sql.Tx"), append(callArgs, "tx")
		default:
			name := naming.Unexported(p.name)
			if token.IsKeyword(name) || name == "ctx" || name == "tx" || name == "m" || types.Universe.Lookup(name) != nil {
				name = fmt.Sprintf("arg%d", i+1)
			}
			recordParams = append(recordParams, name+" "+spell(p.typ))
			recordFields = append(recordFields, p.name+": "+name)
			callArgs = append(callArgs, "m."+p.name)
			d.Fields = append(d.Fields, p.name+" "+spell(p.typ))
		}
	}
	d.RecordParams, d.RecordFields = strings.Join(recordParams, ", "), strings.Join(recordFields, ", ")
	callee := j.callee.Func.Name.Name
	if recv := j.callee.Obj.Signature().Recv(); recv != nil {
		d.RecvName = naming.Unexported(typeName(recv.Type()))
		if imports[d.RecvName] != "" || d.RecvName == "to" || d.RecvName == "from" || d.RecvName == j.callee.Obj.Pkg().Name() {
			d.RecvName = "receiver"
		}
		d.RecvType = spell(recv.Type())
		callee = d.RecvName + "." + callee
	} else if !j.here() {
		imports[j.callee.Obj.Pkg().Path()] = j.callee.Obj.Pkg().Name()
		callee = j.callee.Obj.Pkg().Name() + "." + callee
	}
	d.Call = callee + "(" + strings.Join(callArgs, ", ") + ")"
	d.Target = callee
	d.One, d.Two = j.placeholders()
	if d.Old {
		imports["encoding/hex"] = "hex"
	}
	d.Imports = importBlock(imports)
	text := []byte(d.text())
	out, err := format.Source(text)
	if err != nil {
		return text // the check of the outcome says what is wrong
	}
	return out
}

// placeholders are how the SQL of the two packages names its arguments: ? or $1; ""
// where it does neither.
func (j *job) placeholders() (one, two string) {
	question, other := false, false
	for _, f := range j.world.Files {
		if p := f.Pkg.Types.Path(); p != j.around.Obj.Pkg().Path() && p != j.callee.Obj.Pkg().Path() {
			continue
		}
		dollar := false
		f.Walk(func(n ast.Node, _ []ast.Node) {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING || !statement.MatchString(l.Value) {
				return
			}
			dollar = dollar || strings.Contains(l.Value, "$1")
			question = question || strings.Contains(l.Value, "?")
			other = other || named.MatchString(l.Value)
		})
		if dollar {
			return "$1", "$2"
		}
	}
	if question || !other {
		return "?", "?"
	}
	return "", ""
}

// statement is the beginning of a statement of SQL, and named an argument with a name.
var (
	statement = regexp.MustCompile("(?i)^[`\"]\\s*(select|insert|update|delete|with|replace)\\b")
	named     = regexp.MustCompile(`[=(,]\s*[@:]\w+`)
)

func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return "receiver"
}

// snake writes a name as tables are called: place_order.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if c >= 'A' && c <= 'Z' && i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z') {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}

// importBlock writes the imports by path, the standard library's first.
func importBlock(imports map[string]string) string {
	var std, others []string
	for p := range imports {
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			others = append(others, fmt.Sprintf("%q", p))
		} else {
			std = append(std, fmt.Sprintf("%q", p))
		}
	}
	slices.Sort(std)
	slices.Sort(others)
	out := strings.Join(std, "\n")
	if len(others) > 0 {
		out += "\n\n" + strings.Join(others, "\n")
	}
	return out
}

// data is what the new file says.
type data struct {
	Name, Table, Message, Callee, Around, Package, Imports string
	Call, Target                                           string
	RecvName, RecvType                                     string
	RecordParams, RecordFields                             string
	Fields                                                 []string
	One, Two                                               string
	Context, Old                                           bool
}

// say notes what is left to do, and what is different from now on.
func (j *job) say() {
	name := j.callee.Func.Name.Name
	j.note(j.around.Func.Name, "create the tables of "+j.name+"Tables before this runs: they are in "+j.newFile())
	j.note(j.around.Func.Name, "call Deliver"+j.name+" from time to time, from main say: it delivers what is left over where a process ended, or "+name+" failed, after the commit")
	for i, p := range j.params {
		if b, ok := code.Under(p.typ).(*types.Basic); ok && b.Info()&types.IsString != 0 {
			j.note(j.callee.Func.Name, "text in "+j.callee.Obj.Signature().Params().At(i).Name()+" that isn't valid UTF-8 isn't kept as it is")
			break
		}
	}
	for _, r := range j.world.Refs(j.callee.Obj) {
		if !slices.ContainsFunc(j.calls, func(c *call) bool { return c.expr == r.Call }) && !r.File.Test {
			j.note(r.ID, name+" is called here as before, and may overtake what is recorded")
		}
	}
	j.note(j.callee.Func.Name, "what "+name+" writes may come after "+j.around.Func.Name.Name+" has returned; where it fails, by a constraint of its tables say, "+j.around.Func.Name.Name+" stays committed, and what comes after it waits")
}

// text is the file with what d says.
func (d *data) text() string {
	makeKey, key, exec, param, argument := "", "rand.Text()", "Exec(", "", ""
	if d.Old {
		makeKey, key = "\n\tkey := make([]byte, 16)\n\tif _, err := rand.Read(key); err != nil {\n\t\treturn err\n\t}", "hex.EncodeToString(key)"
	}
	if d.Context {
		exec = "ExecContext(ctx, "
	}
	if d.RecvName != "" {
		param, argument = ", "+d.RecvName+" "+d.RecvType, ", "+d.RecvName
	}
	fields := ""
	for _, f := range d.Fields {
		fields += "\n\t" + f
	}
	return strings.NewReplacer(
		"{{.Package}}", d.Package, "{{.Imports}}", d.Imports, "{{.Name}}", d.Name, "{{.Table}}", d.Table, "{{.Around}}", d.Around,
		"{{.Callee}}", d.Callee, "{{.Message}}", d.Message, "{{.Target}}", d.Target, "{{.FieldLines}}", fields, "{{.RecordParams}}", d.RecordParams,
		"{{.RecordFields}}", d.RecordFields, "{{.MakeKey}}", makeKey, "{{.Key}}", key, "{{.Exec}}", exec, "{{.One}}", d.One, "{{.Two}}", d.Two,
		"{{.RecvParam}}", param, "{{.RecvArgument}}", argument, "{{.Call}}", d.Call,
	).Replace(outbox)
}

// outbox is the file that is written, with {{.names}} that text replaces. It is no
// template of text/template, whose reflection would keep every exported method of the
// program in it.
const outbox = `package {{.Package}}

import (
{{.Imports}}
)

// {{.Name}}Tables creates the tables of the outbox: {{.Table}}_outbox beside those that
// {{.Around}} writes, {{.Table}}_inbox beside those that {{.Callee}} writes.
const {{.Name}}Tables = ` + "`" + `
CREATE TABLE {{.Table}}_outbox (
	id      VARCHAR(64) PRIMARY KEY, -- the key by which a delivery is known
	seq     BIGINT NOT NULL,         -- the order of deliveries
	message TEXT NOT NULL
);
CREATE TABLE {{.Table}}_inbox (
	id VARCHAR(64) PRIMARY KEY -- what was delivered
);
` + "`" + `

// A {{.Message}} is a call of {{.Target}} that follows a commit.
type {{.Message}} struct {{{.FieldLines}}
}

// record{{.Name}} records in a transaction that {{.Target}} is to be called when it is
// committed.
func record{{.Name}}({{.RecordParams}}) error {
	message, err := json.Marshal({{.Message}}{{{.RecordFields}}})
	if err != nil {
		return err
	}{{.MakeKey}}
	const insert = ` + "`INSERT INTO {{.Table}}_outbox (id, seq, message) SELECT {{.One}}, COALESCE(MAX(seq), 0) + 1, {{.Two}} FROM {{.Table}}_outbox`" + `
	_, err = tx.{{.Exec}}insert, {{.Key}}, string(message))
	return err
}

// Deliver{{.Name}} calls {{.Target}} for what was recorded in from, oldest first, each
// call in a transaction of to. It ends at the first error; what is left is delivered by
// the next call. It may be called at any time and by several processes at once: what was
// delivered before is not delivered again. From and to can be one database.
func Deliver{{.Name}}(ctx context.Context, from, to *sql.DB{{.RecvParam}}) error {
	for {
		var id, message string
		err := from.QueryRowContext(ctx, ` + "`SELECT id, message FROM {{.Table}}_outbox ORDER BY seq, id LIMIT 1`" + `).Scan(&id, &message)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var m {{.Message}}
		if err := json.Unmarshal([]byte(message), &m); err != nil {
			return err
		}
		if err := deliver{{.Name}}(ctx, to, id, m{{.RecvArgument}}); err != nil {
			return err
		}
		if _, err := from.ExecContext(ctx, ` + "`DELETE FROM {{.Table}}_outbox WHERE id = {{.One}}`" + `, id); err != nil {
			return err
		}
	}
}

// deliver{{.Name}} calls {{.Target}} unless it was called for the key before.
func deliver{{.Name}}(ctx context.Context, to *sql.DB, id string, m {{.Message}}{{.RecvParam}}) error {
	tx, err := to.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var before int
	if err := tx.QueryRowContext(ctx, ` + "`SELECT COUNT(*) FROM {{.Table}}_inbox WHERE id = {{.One}}`" + `, id).Scan(&before); err != nil {
		return err
	}
	if before > 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, ` + "`INSERT INTO {{.Table}}_inbox (id) VALUES ({{.One}})`" + `, id); err != nil {
		return err
	}
	if err := {{.Call}}; err != nil {
		return err
	}
	return tx.Commit()
}
`
