// Caller sends what it is told to by lines of JSON, one after the other, and answers each with a line.
package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

type order struct {
	URL        string
	Method     string
	Headers    map[string][]string // as they are, canonical or not
	Host       string
	Body       string
	Size       int // of a body of letters, in place of Body
	File       string // what is sent as a body, by sendfile
	Chunked    bool
	Pieces     []string // what is written to a plain connection, or to one that was upgraded
	Address    string   // of a plain connection
	Count      int
	Concurrent int
	Close      bool // a new connection for each request
	Old        bool // no HTTP/2
	Buffer     int  // of the connection's writer, other than usual
}

func transport(old bool) *http.Transport {
	return &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		MaxIdleConnsPerHost: 100,
		ForceAttemptHTTP2:   !old,
	}
}

var clients = map[bool]*http.Client{false: {Transport: transport(false)}, true: {Transport: transport(true)}}

var buffered = map[int]*http.Client{}

func (o *order) client() *http.Client {
	if o.Buffer == 0 {
		return clients[o.Old]
	}
	if buffered[o.Buffer] == nil {
		large := transport(true)
		large.WriteBufferSize = o.Buffer
		buffered[o.Buffer] = &http.Client{Transport: large}
	}
	return buffered[o.Buffer]
}

// unsized hides how much there is to read, so that a body is sent in chunks.
type unsized struct{ io.Reader }

func (o *order) body() io.Reader {
	text := o.Body
	if o.Size > 0 {
		text = strings.Repeat("abcdefghij", o.Size/10+1)[:o.Size]
	}
	switch {
	case text == "":
		return nil
	case o.Chunked:
		return unsized{strings.NewReader(text)}
	}
	return strings.NewReader(text)
}

func (o *order) send(number int) string {
	request, err := http.NewRequest(o.Method, strings.ReplaceAll(o.URL, "{}", fmt.Sprint(number)), o.body())
	if err != nil {
		return err.Error()
	}
	for name, values := range o.Headers {
		request.Header[name] = values
	}
	if o.File != "" {
		file, err := os.Open(o.File)
		if err != nil {
			return err.Error()
		}
		status, _ := file.Stat()
		request.Body, request.ContentLength = file, status.Size()
	}
	request.Host = o.Host
	request.Close = o.Close
	answer, err := o.client().Do(request)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	if pipe, ok := answer.Body.(io.ReadWriter); ok && answer.StatusCode == http.StatusSwitchingProtocols {
		o.write(pipe)
		return fmt.Sprint(answer.StatusCode)
	}
	digest := sha256.New()
	if _, err := io.Copy(digest, answer.Body); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %x", answer.StatusCode, digest.Sum(nil))
}

// write writes each piece when the one before was answered with a byte.
func (o *order) write(pipe io.ReadWriter) {
	acknowledged := make([]byte, 1)
	for _, piece := range o.Pieces {
		io.WriteString(pipe, piece)
		io.ReadFull(pipe, acknowledged)
	}
}

func (o *order) dial() string {
	connection, err := net.DialTimeout("tcp", o.Address, time.Minute)
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	o.write(connection)
	connection.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, connection)
	return "done"
}

func (o *order) do() []string {
	if o.Address != "" {
		return []string{o.dial()}
	}
	answers := make([]string, o.Count)
	numbers := make(chan int)
	var group sync.WaitGroup
	for i := 0; i < o.Concurrent; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for number := range numbers {
				answers[number] = o.send(number)
			}
		}()
	}
	for i := range answers {
		numbers <- i
	}
	close(numbers)
	group.Wait()
	return answers
}

func main() {
	orders := json.NewDecoder(bufio.NewReader(os.Stdin))
	answers := json.NewEncoder(os.Stdout)
	for {
		next := order{Method: "GET", Count: 1, Concurrent: 1}
		if orders.Decode(&next) != nil {
			return
		}
		answers.Encode(next.do())
	}
}
