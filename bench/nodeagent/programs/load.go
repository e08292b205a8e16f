package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// load sends the same request over and over and reads no more of the answers than it must: it costs less
// than the server that it loads.
func load(arguments []string) {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	address := flags.String("address", "", "of the server")
	connections := flags.Int("connections", 8, "")
	requests := flags.Int("requests", 1000, "how many in all")
	rate := flags.Float64("rate", 0, "how many a second; 0: the next when the last is answered")
	header := flags.String("header", "", "one more line of the request's head")
	flags.Parse(arguments)

	request := "GET /plain/7 HTTP/1.1\r\nHost: " + *address + "\r\n"
	if *header != "" {
		request += *header + "\r\n"
	}
	opened := make([]*connection, *connections)
	for index := range opened {
		opened[index] = connect(*address, request+"\r\n")
	}
	started := time.Now()
	var wait sync.WaitGroup
	for index, one := range opened {
		wait.Go(func() {
			for number := index; number < *requests; number += *connections {
				if *rate > 0 {
					time.Sleep(time.Until(started.Add(time.Duration(float64(number) / *rate * 1e9))))
				}
				one.exchange()
			}
		})
	}
	wait.Wait()
	say(map[string]any{"requests": *requests, "seconds": time.Since(started).Seconds()})
}

type connection struct {
	net.Conn
	request, answer []byte
}

// connect learns from the first answer how long all are.
func connect(address, request string) *connection {
	one, err := net.Dial("tcp", address)
	must(err)
	_, err = io.WriteString(one, request)
	must(err)
	reader := bufio.NewReader(one)
	length, body := 0, 0
	for line := ""; line != "\r\n"; length += len(line) {
		line, err = reader.ReadString('\n')
		must(err)
		fmt.Sscanf(line, "Content-Length: %d", &body)
	}
	_, err = reader.Discard(body)
	must(err)
	return &connection{one, []byte(request), make([]byte, length+body)}
}

func (c *connection) exchange() {
	_, err := c.Write(c.request)
	must(err)
	_, err = io.ReadFull(c, c.answer)
	must(err)
	if !strings.HasPrefix(string(c.answer), "HTTP/1.1 200 OK\r\n") {
		fmt.Fprintf(os.Stderr, "%q\n", c.answer)
		os.Exit(1)
	}
}
