package engines
import ("testing";"fmt";"time";"github.com/dentropy/dcloud/provisioning")
func TestZZReal(t *testing.T) {
	c := Cache{Dir: "/tmp/realcache"}
	b := time.Now()
	n, err := provisioning.Run(t.Context(), Actions(c, All()), func(p provisioning.Progress) {
		fmt.Printf("%5.1f %s %s %d%% eta %s: %s\n", time.Since(b).Seconds(), p.Action, p.State, p.Percent, p.ETA, p.Message)
	})
	fmt.Println(n, err, time.Since(b))
	b = time.Now()
	n, err = provisioning.Run(t.Context(), Actions(c, All()), nil)
	fmt.Println(n, err, time.Since(b))
}
