// Shop is what the reader of Go programs is tested on: a server, a client and types of its own.
package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"unsafe"

	"example.com/prices"
)

type totaller interface{ Total(n int64) int64 }

type basket struct {
	items map[string]prices.Money
	wide  map[[40]int64]string
	small map[int8]bool
	first prices.Money
	rest  []totaller
}

//go:noinline
func leaf(a, b int) int { return a + b }

//go:noinline
func large(seed int) int {
	var room [512]int
	for i := range room {
		room[i] = seed * i
	}
	return sum(room[:])
}

//go:noinline
func huge(seed int) int {
	var room [32768]int
	for i := range room {
		room[i] = seed * i
	}
	return sum(room[:])
}

//go:noinline
func sum(numbers []int) (total int) {
	for _, number := range numbers {
		if number == 13 {
			return -total
		}
		total = leaf(total, number)
	}
	return total
}

// facts are what only the running program knows for sure.
func facts() {
	var one totaller = prices.New(1)
	fmt.Printf("itab %d\n", *(*uintptr)(unsafe.Pointer(&one)))
	fmt.Printf("leaf %d\n", reflect.ValueOf(leaf).Pointer())
	fmt.Printf("first %d\n", unsafe.Offsetof(basket{}.first))
}

func main() {
	own := &basket{items: map[string]prices.Money{}, wide: map[[40]int64]string{}, small: map[int8]bool{}}
	own.first = *prices.New(3)
	own.rest = append(own.rest, prices.New(4))
	own.items["one"], own.wide[[40]int64{1}], own.small[1] = own.first, "wide", true
	var anything interface{} = own
	facts()
	fmt.Println(anything, own.rest[0].Total(int64(large(len(os.Args)))), huge(len(os.Args)))

	if len(os.Args) < 2 {
		return
	}
	database, err := sql.Open("none", "")
	if err == nil {
		_, err = database.Exec("SELECT 1")
	}
	answer, err := http.Get(os.Args[1])
	fmt.Println(answer, err)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, r.Header) })
	fmt.Println(http.ListenAndServe("127.0.0.1:0", nil))
}
