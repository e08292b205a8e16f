// Package prices is a module of its own: it stands in the program's build information.
package prices

// Money has fields of each shape that offsets are asked of.
type Money struct {
	Tag
	Currency string
	Units    int64
	limits   *Limits
}

// Tag is embedded, and its package path is told by an unexported field.
type Tag struct {
	Key   [3]byte
	label string
}

// Limits is behind a pointer, and has exported fields alone.
type Limits struct {
	Low, High int64
}

// Total is called through an interface.
//
//go:noinline
func (m *Money) Total(n int64) int64 {
	if m.limits != nil && n > m.limits.High {
		n = m.limits.High
	}
	return m.Units*n + int64(len(m.label))
}

// New makes prices.
func New(units int64) *Money {
	return &Money{Tag{label: "x"}, "EUR", units, &Limits{0, 100}}
}
