package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

func provision(c *gin.Context) {
	data, err := c.GetRawData() // want: unbounded_read RISK
	if err != nil {
		return
	}
	c.Data(200, "text/plain", data)
}

func limited(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 1<<20)
	data, err := c.GetRawData() // want: unbounded_read GOOD
	if err != nil {
		return
	}
	c.Data(200, "text/plain", data)
}

func main() {
	app := gin.New()
	app.POST("/devices", provision)
	app.PUT("/devices", limited)
	app.Run(":8080")
}
