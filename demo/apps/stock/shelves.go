package main

// shelves says how many pieces of each article are left. It is read-only: an order in this shop is a wish.
type shelves struct {
	pieces map[string]int
}

func newShelves() *shelves {
	return &shelves{pieces: map[string]int{
		"espresso-cup":  120,
		"hand-grinder":  14,
		"pour-over-set": 32,
		"scale":         7,
		"tea-towel":     0,
	}}
}

func (s *shelves) look(sku string) (available int, known bool) {
	available, known = s.pieces[sku]
	return available, known
}
