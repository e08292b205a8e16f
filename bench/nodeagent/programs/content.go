package main

const longest = 1 << 20

// Random enough that bytes out of place are noticed, and the same in every process.
var block = func() []byte {
	bytes := make([]byte, longest+prime)
	state := uint32(2463534242)
	for place := range bytes {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		bytes[place] = byte(state)
	}
	return bytes
}()

const prime = 4093

// content is what a server answers to the request with this number.
func content(serial, length int) []byte {
	start := serial % prime
	return block[start : start+length]
}

// fold is a sum that depends on the order of bytes.
func fold(bytes []byte) (sum uint64) {
	for _, one := range bytes {
		sum = sum*31 + uint64(one)
	}
	return sum
}
