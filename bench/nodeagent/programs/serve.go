package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"runtime"
	"strconv"
	"time"
)

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// serve is the program that is traced: it prints its addresses, the second one speaks TLS and HTTP/2.
func serve([]string) {
	plain, secure := listen(), listen()
	mux := http.NewServeMux()
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /plain/{id}": nothing, "GET /bytes/{n}": bytes, "GET /status/{n}": status,
		"GET /stream/{n}": stream, "GET /panic/{n}": panics, "GET /abort/{n}": aborts,
		"POST /echo/{n}": echo, "GET /deep/{n}": deep, "GET /garbage/{n}": garbage,
		"GET /fan/{n}": fan, "GET /hijack/{n}": hijack,
		"GET /call/{n}": func(w http.ResponseWriter, r *http.Request) { call(w, r, plain.Addr().String()) },
	} {
		mux.HandleFunc(pattern, handler)
	}
	fmt.Println(plain.Addr(), secure.Addr())
	settings := &tls.Config{Certificates: []tls.Certificate{certificate()}}
	server := &http.Server{Handler: recovering(mux), TLSConfig: settings}
	go func() { panic(server.ServeTLS(secure, "", "")) }()
	panic(http.Serve(plain, recovering(mux)))
}

// recovering answers for handlers that panic, as the middleware of many frameworks does.
func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause == http.ErrAbortHandler {
				panic(cause)
			} else if cause != nil {
				w.WriteHeader(http.StatusInternalServerError)
				fmt.Fprint(w, cause)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func number(r *http.Request) int {
	value, _ := strconv.Atoi(r.PathValue("n"))
	return value
}

func serial(r *http.Request) int {
	value, _ := strconv.Atoi(r.Header.Get("Serial"))
	return value
}

func nothing(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") }

func bytes(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Serial", r.Header.Get("Serial"))
	w.Write(content(serial(r), number(r)))
}

func status(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(number(r))
	if number(r) != http.StatusNoContent {
		w.Write(content(serial(r), 32))
	}
}

func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Trailer", "Sum")
	flusher := w.(http.Flusher)
	whole := content(serial(r), 100*number(r))
	for rest := whole; len(rest) > 0; rest = rest[100:] {
		w.Write(rest[:100])
		flusher.Flush()
	}
	w.Header().Set("Sum", fmt.Sprint(fold(whole)))
}

func panics(w http.ResponseWriter, r *http.Request) { panic(fmt.Sprint("recovered ", serial(r))) }

func aborts(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }

func echo(w http.ResponseWriter, r *http.Request) {
	got, err := io.ReadAll(r.Body)
	must(err)
	w.Write(got)
}

// descend needs a new, larger stack again and again, to which the frames above it are moved.
func descend(depth int) uint64 {
	var frame [64]uint64
	frame[depth%64] = uint64(depth)
	if depth == 0 {
		return 0
	}
	return descend(depth-1) + frame[depth%64]
}

func deep(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, descend(number(r))) }

// garbage keeps the collector at work: it moves stacks, too, to smaller ones.
func garbage(w http.ResponseWriter, r *http.Request) {
	held := make([]byte, number(r))
	copy(held, content(serial(r), 64))
	if serial(r)%64 == 0 {
		runtime.GC()
	}
	fmt.Fprint(w, fold(held[:64]))
}

// fan answers what several goroutines found out.
func fan(w http.ResponseWriter, r *http.Request) {
	found := make(chan uint64)
	for one := range number(r) {
		go func() { found <- descend(one * 8) }()
	}
	sum := uint64(0)
	for range number(r) {
		sum += <-found
	}
	fmt.Fprint(w, sum)
}

// call answers what this server itself says, asked as a client.
func call(w http.ResponseWriter, r *http.Request, address string) {
	request, err := http.NewRequestWithContext(r.Context(), "GET", fmt.Sprintf("http://%s/bytes/%d", address, number(r)), nil)
	must(err)
	request.Header.Set("Serial", r.Header.Get("Serial"))
	answer, err := client.Do(request)
	must(err)
	defer answer.Body.Close()
	_, err = io.Copy(w, answer.Body)
	must(err)
}

func hijack(w http.ResponseWriter, r *http.Request) {
	connection, buffer, err := w.(http.Hijacker).Hijack()
	must(err)
	defer connection.Close()
	fmt.Fprintf(buffer, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
	buffer.Write(content(serial(r), number(r)))
	buffer.Flush()
}

// certificate is one of our own, for as long as the process runs.
func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
