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
	"os"
	"strings"
	"time"
)

// certificate is one of our own, for as long as the process runs.
func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// client speaks HTTP/2 where the server does, and believes every certificate.
var client = &http.Client{Transport: &http.Transport{
	ForceAttemptHTTP2: true,
	TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
}}

// fetch asks for URLs, all over one connection of HTTP/2, and prints protocol and status of the answers.
// Of `URL|VALUE` the value is sent as traceparent.
func fetch(urls []string) {
	for _, url := range urls {
		parts := strings.Split(url, "|")
		request, err := http.NewRequest("GET", parts[0], nil)
		if err != nil {
			panic(err)
		}
		if len(parts) > 1 {
			request.Header.Set("Traceparent", parts[1])
		}
		answer, err := client.Do(request)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		fmt.Println(answer.Proto, answer.StatusCode)
	}
}
