// Server is traced by the tests: each path behaves in a way of its own. The directive gives it Go 1.22's
// patterns, though its module is for 1.19.
//
//go:debug httpmuxgo121=0
package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

var (
	gate = make(chan struct{})
	held int32
)

func items(w http.ResponseWriter, r *http.Request) {
	r.Header.Del("Traceparent")
	fmt.Fprintf(w, "item %s", strings.TrimPrefix(r.URL.Path, "/items/"))
}

func status(w http.ResponseWriter, r *http.Request) {
	code, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/status/"))
	w.WriteHeader(code)
}

func silent(http.ResponseWriter, *http.Request) {}

// echo answers with the header as the program has it.
func echo(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, r.Header.Get("Traceparent"))
}

// wait answers when the gate has been opened for it.
func wait(http.ResponseWriter, *http.Request) {
	atomic.AddInt32(&held, 1)
	<-gate
	atomic.AddInt32(&held, -1)
}

// waiting answers with how many requests wait.
func waiting(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, atomic.LoadInt32(&held)) }

func open(_ http.ResponseWriter, r *http.Request) {
	count, _ := strconv.Atoi(r.URL.Query().Get("count"))
	for i := 0; i < count; i++ {
		gate <- struct{}{}
	}
}

func fail(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func hijack(w http.ResponseWriter, _ *http.Request) {
	connection, buffer, err := w.(http.Hijacker).Hijack()
	if err == nil {
		buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
		buffer.Flush()
		connection.Close()
	}
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener
}

func main() {
	if len(os.Args) > 1 {
		fetch(os.Args[1:])
		return
	}
	for path, handler := range map[string]http.HandlerFunc{
		"/items/": items, "/status/": status, "/silent": silent, "/echo": echo,
		"/wait": wait, "/waiting": waiting, "/open": open, "/fail": fail, "/hijack": hijack,
		"/call/": call, "/redirect": redirect,
	} {
		http.HandleFunc(path, handler)
	}
	plain, secure := listen(), listen()
	fmt.Println(plain.Addr(), secure.Addr())
	server := &http.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate()}}}
	go func() { panic(server.ServeTLS(secure, "", "")) }()
	panic(http.Serve(plain, nil))
}
