package main

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/codes"
)

// checked is what check found, and the path of the module in its repository:
// services that read reports know the repository only.
type checked struct {
	*engine.CheckResult
	prefix string
}

func (c *cli) printChecked(r checked, format string) error {
	switch format {
	case "json":
		return c.json(r.CheckResult)
	case "sarif":
		return c.json(r.sarif())
	case "junit":
		return c.junit(r)
	case "github":
		for _, v := range r.Violations {
			fmt.Fprintln(c.out, r.annotation(v))
		}
		return nil
	}
	for _, v := range r.Violations {
		fmt.Fprintf(c.out, "%s: %s: %s\n  %s\n", v.Span, v.Code, v.Message, v.Hint)
	}
	return nil
}

// annotation is a workflow command of GitHub Actions.
func (r checked) annotation(v engine.Violation) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	return fmt.Sprintf("::error file=%s,line=%d,col=%d,title=%s::%s", property.Replace(r.prefix+v.Span.File), v.Span.Line, v.Span.Col,
		property.Replace("unweld "+v.Code), data.Replace(v.Message+"\n"+v.Hint))
}

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junit prints a test case per violation, or one that passes: a report without
// cases counts as a run that never was.
func (c *cli) junit(r checked) error {
	suite := junitSuite{Name: "unweld check", Failures: len(r.Violations)}
	for _, v := range r.Violations {
		at := r.prefix + v.Span.String()
		suite.Cases = append(suite.Cases, junitCase{Class: "unweld." + v.Code, Name: v.From + " -> " + v.To,
			Failure: &junitFailure{Type: v.Code, Message: v.Message, Text: at + ": " + v.Message + "\n" + v.Hint}})
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Class: "unweld", Name: "rules of unweld.yaml"}}
	}
	suite.Tests = len(suite.Cases)
	out, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s%s\n", xml.Header, out)
	return err
}

// sarif returns a log of SARIF 2.1.0. It names lines and no columns: those would
// have to be counted in characters, and spans count bytes.
func (r checked) sarif() any {
	type object = map[string]any
	results, rules := []object{}, []object{}
	index := map[string]int{}
	for _, v := range r.Violations {
		if _, known := index[v.Code]; !known {
			index[v.Code] = len(rules)
			rules = append(rules, sarifRule(v.Code))
		}
		file := url.URL{Path: r.prefix + v.Span.File}
		results = append(results, object{
			"ruleId": v.Code, "ruleIndex": index[v.Code], "level": "error",
			"message": object{"text": v.Message + "; " + v.Hint},
			"locations": []object{{"physicalLocation": object{
				"artifactLocation": object{"uri": file.String(), "uriBaseId": "%SRCROOT%"},
				"region":           object{"startLine": v.Span.Line},
			}}},
			"partialFingerprints": object{"unweld/v1": strings.Join([]string{v.Code, v.From, v.To}, " ")},
		})
	}
	return object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []object{{
			"tool":        object{"driver": object{"name": "unweld", "rules": rules}},
			"invocations": []object{{"executionSuccessful": len(r.Problems) == 0}},
			"results":     results,
		}},
	}
}

// sarifRule describes a code as a reportingDescriptor.
func sarifRule(name string) map[string]any {
	type object = map[string]any
	rule := object{"id": name, "helpUri": codes.URL(name), "defaultConfiguration": object{"level": "error"}}
	if code, err := engine.ExplainCode(name); err == nil {
		rule["shortDescription"] = object{"text": code.Title}
		rule["fullDescription"] = object{"text": code.Why}
		rule["help"] = object{"text": "Before:\n" + code.Before + "\nAfter:\n" + code.After}
	}
	return rule
}
