// H2c serves HTTP/2 by golang.org/x/net: over plain connections, and over TLS in place of what net/http
// has. With URLs it asks for them, and prints the statuses.
package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"
)

func items(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "item") }

func status(w http.ResponseWriter, r *http.Request) {
	code, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/status/"))
	w.WriteHeader(code)
}

func fail(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func secure() string {
	server := httptest.NewUnstartedServer(http.DefaultServeMux)
	if err := http2.ConfigureServer(server.Config, nil); err != nil {
		panic(err)
	}
	server.TLS = server.Config.TLSConfig
	server.StartTLS()
	return server.Listener.Addr().String()
}

func fetch(urls []string) {
	plain := func(network, address string, _ *tls.Config) (net.Conn, error) { return net.Dial(network, address) }
	transports := map[string]*http2.Transport{
		"http":  {AllowHTTP: true, DialTLS: plain},
		"https": {TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
	for _, url := range urls {
		scheme, _, _ := strings.Cut(url, ":")
		client := &http.Client{Transport: transports[scheme]}
		answer, err := client.Get(url)
		if err != nil {
			fmt.Println("failed")
			continue
		}
		answer.Body.Close()
		fmt.Println(answer.Proto, answer.StatusCode)
	}
}

func main() {
	if len(os.Args) > 1 {
		fetch(os.Args[1:])
		return
	}
	http.HandleFunc("/items/", items)
	http.HandleFunc("/status/", status)
	http.HandleFunc("/fail", fail)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr(), secure())
	panic(http.Serve(listener, h2c.NewHandler(http.DefaultServeMux, &http2.Server{})))
}
