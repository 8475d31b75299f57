package override

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/hashicorp/nomad/api"
)

// templateFunctions are those of Nomad's templates that only turn texts into texts,
// and text/template's own. Those of Consul, Vault and the disk are not among them.
var templateFunctions = words(`
	and or not len index slice print printf println html js urlquery call eq ne lt le gt ge
	base64Decode base64Encode base64URLDecode base64URLEncode byKey byPort byTag contains containsAll containsAny
	containsNone containsNotAll explode explodeMap mergeMap mergeMapWithOverride hmacSHA256Hex in indent join parseBool parseFloat
	parseInt parseJSON parseUint parseYAML regexMatch regexReplaceAll replaceAll sha256Hex md5sum split splitToMap
	scratch timestamp toLower toJSON toJSONPretty toUnescapedJSON toUnescapedJSONPretty toTitle toTOML toUpper toYAML
	trim trimPrefix trimSpace trimSuffix add subtract multiply divide modulo minimum maximum executeTemplate`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// nomadEnv are the variables that Nomad gives every task. Others a template would
// take from Nomad's own process, if the task does not have them.
var nomadEnv = regexp.MustCompile(`^(NOMAD_(ALLOC_DIR|TASK_DIR|SECRETS_DIR|MEMORY_LIMIT|MEMORY_MAX_LIMIT|CPU_LIMIT|CPU_CORES|ALLOC_ID|SHORT_ALLOC_ID|ALLOC_NAME|ALLOC_INDEX|TASK_NAME|GROUP_NAME|JOB_ID|JOB_NAME|JOB_PARENT_ID|DC|REGION|NAMESPACE)|NOMAD_(IP|PORT|ADDR|HOST_IP|HOST_PORT|HOST_ADDR|ALLOC_IP|ALLOC_PORT|ALLOC_ADDR|META|ADDR|UPSTREAM_IP|UPSTREAM_PORT|UPSTREAM_ADDR)_\w+|(attr|meta|node|device)\..+)$`)

// checkTemplates holds templates to texts, the task's own variables and the app's own
// secrets, where they are not as generated.
func (c *checker) checkTemplates(address string, was, t *api.Task) {
	for _, tmpl := range t.Templates {
		if was != nil && slices.ContainsFunc(was.Templates, func(o *api.Template) bool { return same(o, tmpl) }) {
			continue
		}
		dest := deref(tmpl.DestPath)
		addr := address + ".template" + Key(dest)
		if !taskPath(dest) {
			c.refuse(addr, hintTaskPath, "a template is not rendered outside of the task's directory")
		}
		check := templateCheck{app: c.app(), env: t.Env, fail: func(hint, why string, args ...any) { c.refuse(addr+".data", hint, why, args...) }}
		check.run(tmpl)
	}
}

// templateCheck walks a template without running it.
type templateCheck struct {
	app  string
	env  map[string]string
	fail func(hint, why string, args ...any)
	told map[string]bool
}

func (c *templateCheck) run(t *api.Template) {
	c.told = map[string]bool{}
	tree := parse.New("data")
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if err := checkTemplateText(deref(t.EmbeddedTmpl)); err != nil {
		c.fail("", "%v", err)
		return
	}
	if _, err := tree.Parse(deref(t.EmbeddedTmpl), deref(t.LeftDelim), deref(t.RightDelim), trees); err != nil {
		c.fail("", "the template cannot be read: %s", strings.TrimPrefix(err.Error(), "template: "))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		c.node(trees[name].Root)
	}
	if trees["data"] == nil && tree.Root != nil {
		c.node(tree.Root)
	}
}

// checkTemplateText keeps text/template's parser, which recurses, from deep texts.
func checkTemplateText(s string) error {
	const most = 4096
	if strings.Count(s, "(") > most || strings.Count(s, "{{") > 4*most {
		return fmt.Errorf("the template is too long to be checked")
	}
	return nil
}

func (c *templateCheck) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, x := range n.Nodes {
			c.node(x)
		}
	case *parse.ActionNode:
		c.pipe(n.Pipe)
	case *parse.IfNode:
		c.branch(&n.BranchNode)
	case *parse.RangeNode:
		c.branch(&n.BranchNode)
	case *parse.WithNode:
		c.branch(&n.BranchNode)
	case *parse.TemplateNode:
		c.pipe(n.Pipe)
	case *parse.PipeNode:
		c.pipe(n)
	case *parse.ChainNode:
		c.node(n.Node)
	case *parse.IdentifierNode:
		c.call(n.Ident, nil, false) // as an argument: called without any
	}
}

func (c *templateCheck) branch(b *parse.BranchNode) {
	c.pipe(b.Pipe)
	c.node(b.List)
	c.node(b.ElseList)
}

func (c *templateCheck) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for i, cmd := range p.Cmds {
		arguments := cmd.Args
		if len(arguments) > 0 {
			if id, ok := arguments[0].(*parse.IdentifierNode); ok {
				c.call(id.Ident, arguments[1:], i > 0)
				arguments = arguments[1:]
			}
		}
		for _, a := range arguments {
			c.node(a)
		}
	}
}

// call judges one call of a function. piped tells that the last argument comes from
// before.
func (c *templateCheck) call(name string, arguments []parse.Node, piped bool) {
	first := ""
	if len(arguments) > 0 && !(piped && len(arguments) == 0) {
		if s, ok := arguments[0].(*parse.StringNode); ok {
			first = s.Text
		}
	}
	once := func(hint, why string, args ...any) {
		if key := name + " " + first; !c.told[key] {
			c.told[key] = true
			c.fail(hint, why, args...)
		}
	}
	switch name {
	case "nomadVar", "nomadVarExists":
		if own := "nomad/jobs/" + c.app; first != own && !strings.HasPrefix(first, own+"/") || strings.Contains(first, "..") {
			once(`write {{ with nomadVar "`+own+`" }}`, "a template reads the app's own variables only, and says which")
		}
	case "env", "envOrDefault", "mustEnv":
		if _, own := c.env[first]; first == "" || !own && !nomadEnv.MatchString(first) {
			once("give the task the variable in env", "the task has no variable %q, and Nomad's own are not the app's", first)
		}
	case "file":
		if !taskPath(first) || strings.Contains(first, "${") {
			once(`write {{ file "local/NAME" }}`, "a template reads files of its own task only, and says which")
		}
	default:
		if !templateFunctions[name] {
			once("", "a template of an app cannot call %s", name)
		}
	}
}
