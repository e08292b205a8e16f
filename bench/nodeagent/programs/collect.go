package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Tally is what has come in. Marked are spans of requests of the soak that named a parent, each request
// counted once; Again those that came once more; Joined those in the trace of such a request, of requests
// that the server sent to itself.
type Tally struct {
	Spans, Server, Marked, Again, Joined, SameID int

	seen map[uint64]bool
	ids  map[uint64]bool
	lock sync.Mutex
}

// collect receives traces over OTLP; a GET of / tells the tally.
func collect([]string) {
	tally := &Tally{seen: map[uint64]bool{}, ids: map[uint64]bool{}}
	listener := listen()
	fmt.Println(listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		must(err)
		tally.lock.Lock()
		defer tally.lock.Unlock()
		if r.Method == http.MethodPost {
			tally.request(body)
			w.Header().Set("Content-Type", "application/x-protobuf")
			return
		}
		fmt.Fprintf(w, `{"spans":%d,"server":%d,"marked":%d,"again":%d,"joined":%d,"same_id":%d}`,
			tally.Spans, tally.Server, tally.Marked, tally.Again, tally.Joined, tally.SameID)
	})))
}

// Field numbers are those of opentelemetry-proto, the wire format is https://protobuf.dev/programming-guides/encoding/.
func (t *Tally) request(body []byte) {
	fields(body, func(number int, resource []byte, _ uint64) {
		fields(resource, func(number int, scope []byte, _ uint64) {
			fields(scope, func(number int, span []byte, _ uint64) {
				if number == 2 {
					t.span(span)
				}
			})
		})
	})
}

func (t *Tally) span(span []byte) {
	var trace, id, parent []byte
	var kind uint64
	fields(span, func(number int, bytes []byte, value uint64) {
		switch number {
		case 1:
			trace = bytes
		case 2:
			id = bytes
		case 4:
			parent = bytes
		case 6:
			kind = value
		}
	})
	t.Spans++
	if key := binary.BigEndian.Uint64(id); t.ids[key] {
		t.SameID++
	} else {
		t.ids[key] = true
	}
	if kind != 2 {
		return
	}
	t.Server++
	if len(parent) == 0 || binary.BigEndian.Uint64(trace) != mark {
		return
	}
	switch serial := binary.BigEndian.Uint64(trace[8:]); {
	case serial != binary.BigEndian.Uint64(parent):
		t.Joined++
	case t.seen[serial]:
		t.Again++
	default:
		t.seen[serial] = true
		t.Marked++
	}
}

// fields calls for each field of a message, with its bytes or its number.
func fields(message []byte, each func(number int, bytes []byte, value uint64)) {
	for len(message) > 0 {
		tag, read := binary.Uvarint(message)
		message = message[read:]
		var bytes []byte
		var value uint64
		switch tag & 7 {
		case 0:
			value, read = binary.Uvarint(message)
			message = message[read:]
		case 1:
			message = message[8:]
		case 2:
			length, read := binary.Uvarint(message)
			bytes = message[read : read+int(length)]
			message = message[read+int(length):]
		case 5:
			message = message[4:]
		default:
			panic(fmt.Sprintf("no field of protobuf: %x", tag))
		}
		each(int(tag>>3), bytes, value)
	}
}
