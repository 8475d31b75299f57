package control

import "testing"

func TestANameLeadsToNoOtherRecord(t *testing.T) {
	st := &store{} // asking it anything would panic
	for _, name := range []string{"../people/users/ada", "..", ".", "wiki/../../settings", "/"} {
		if i, err := st.intent(t.Context(), name); i != nil || err != nil {
			t.Errorf("%q is an app: %v, %v", name, i, err)
		}
		if k, err := st.kept(t.Context(), name); k != nil || err != nil {
			t.Errorf("%q left something: %v, %v", name, k, err)
		}
	}
}
