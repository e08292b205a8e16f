// Routers serves the same paths by a router of one's choice: gin, chi or mux.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
)

func byGin() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.Recovery(), func(c *gin.Context) {
		c.Request = c.Request.WithContext(c.Request.Context()) // as tracing middleware does
		c.Next()
	})
	engine.GET("/items/:id", func(c *gin.Context) { c.String(http.StatusOK, c.Param("id")) })
	nested := engine.Group("/shop")
	nested.POST("/orders/:id/lines", func(c *gin.Context) { c.Status(http.StatusCreated) })
	engine.GET("/fail", func(c *gin.Context) { panic("handled by Recovery") })
	return engine
}

func byChi() http.Handler {
	router := chi.NewRouter()
	router.Get("/items/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, chi.URLParam(r, "id")) })
	router.Route("/shop", func(shop chi.Router) {
		shop.Route("/orders", func(orders chi.Router) {
			orders.Post("/{id}/lines", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
		})
	})
	router.Get("/fail", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	return router
}

func byMux() http.Handler {
	router := mux.NewRouter()
	router.HandleFunc("/items/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, mux.Vars(r)["id"]) })
	shop := router.PathPrefix("/shop").Subrouter()
	shop.HandleFunc("/orders/{id}/lines", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
	}).Methods("POST")
	router.HandleFunc("/fail", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	return router
}

func main() {
	router := map[string]func() http.Handler{"gin": byGin, "chi": byChi, "mux": byMux}[os.Args[1]]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr(), listener.Addr())
	panic(http.Serve(listener, router()))
}
