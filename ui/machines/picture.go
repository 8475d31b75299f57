package machines

import (
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// picture is the pool as a drawing: servers on top, the others in rows beneath, each
// with a line to the first server. Numbers are in the drawing's own units.
type picture struct {
	Width, Height int
	Text          string // the same in words
	Links         []link
	Boxes         []box
}

type link struct {
	X1, Y1, X2, Y2 int
	Off            bool // nothing passes
}

type box struct {
	X, Y  int
	Name  string
	Level string // of the state: ok, busy, warn, bad, idle
	Full  int    // width of the memory's bar, of barWidth
	Door  bool
}

const (
	boxWidth, boxHeight = 100, 62
	gapX, gapY          = 20, 34
	perRow              = 3 // as many as can be read on a phone
	barWidth            = 76
	nameLength          = 12
)

func pictureOf(c *web.Ctx, nodes []agent.Node) picture {
	var servers, others []agent.Node
	for _, n := range nodes {
		if n.Role == "server" {
			servers = append(servers, n)
		} else {
			others = append(others, n)
		}
	}
	widest := min(perRow, max(len(servers), len(others), 1))
	p := picture{Width: widest*(boxWidth+gapX) + gapX, Height: gapX}
	var words []string
	hub := -1
	for _, group := range [][]agent.Node{servers, others} {
		for start := 0; start < len(group); start += perRow {
			row := group[start:min(start+perRow, len(group))]
			x := (p.Width - len(row)*(boxWidth+gapX) + gapX) / 2
			for _, n := range row {
				b := boxOf(c, n, x, p.Height)
				if hub < 0 {
					hub = 0
				} else {
					from := p.Boxes[hub]
					p.Links = append(p.Links, link{from.X + boxWidth/2, from.Y + boxHeight/2, x + boxWidth/2, p.Height + boxHeight/2,
						n.State == agent.NodeDown || n.State == agent.NodeLeft})
				}
				p.Boxes = append(p.Boxes, b)
				words = append(words, n.Name+": "+c.StateWord(n.State).Text)
				x += boxWidth + gapX
			}
			p.Height += boxHeight + gapY
		}
	}
	p.Height += gapX - gapY
	p.Text = strings.Join(words, "; ")
	return p
}

func boxOf(c *web.Ctx, n agent.Node, x, y int) box {
	b := box{X: x, Y: y, Name: n.Name, Level: c.StateWord(n.State).Level, Door: n.Role == "ingress"}
	if r := []rune(b.Name); len(r) > nameLength {
		b.Name = string(r[:nameLength-1]) + "…"
	}
	if n.Load != nil && n.Load.MemoryUsed > 0 && n.Memory > 0 && n.State != agent.NodeDown {
		b.Full = min(barWidth, n.Load.MemoryUsed*barWidth/n.Memory)
	}
	return b
}
