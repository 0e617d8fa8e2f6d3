// What bounds a call to a store depends on its client: a timeout of its own, the policy of the call, the session, or nothing.
package main

import (
	"context"
	"net/http"
	"time"

	aerospike "github.com/aerospike/aerospike-client-go/v6"
	"github.com/apache/pulsar-client-go/pulsar"
	"github.com/couchbase/gocb/v2"
	"github.com/go-ldap/ldap/v3"
	"github.com/go-zookeeper/zk"
	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"go.etcd.io/bbolt"
)

type stores struct {
	records   *aerospike.Client
	documents *gocb.Collection
	cluster   *gocb.Cluster
	keeper    *zk.Conn
	points    influxdb2.Client
	local     *bbolt.DB
	producer  pulsar.Producer
}

func (s *stores) handle(w http.ResponseWriter, r *http.Request) {
	key, _ := aerospike.NewKey("orders", "all", r.URL.Path)
	s.records.Get(nil, key)                                          // want: other GAP
	s.documents.Get(r.URL.Path, nil)                                 // want: other GOOD worst_case_s=2.5
	s.documents.Get(r.URL.Path, &gocb.GetOptions{Timeout: 4 * time.Second}) // want: other GOOD worst_case_s=4
	s.documents.Upsert(r.URL.Path, "1", nil)                         // want: other GOOD worst_case_s=10
	s.cluster.Query("SELECT 1", nil)                                 // want: other GOOD worst_case_s=75
	s.keeper.Get("/orders")                                          // want: other GAP
	s.points.WriteAPIBlocking("o", "b").WriteRecord(context.Background(), "m v=1") // want: http GOOD worst_case_s=20
	s.points.WriteAPI("o", "b").WriteRecord("m v=1")
	s.producer.Send(context.Background(), &pulsar.ProducerMessage{}) // want: other GOOD worst_case_s=60
	// fine: a store in the process has no peer
	s.local.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("orders")).Put([]byte("1"), nil) })
}

func login(w http.ResponseWriter, r *http.Request) {
	directory, err := ldap.DialURL("ldaps://directory") // want: other GOOD worst_case_s=60
	if err != nil {
		return
	}
	defer directory.Close()
	directory.Bind("reader", "secret") // want: other RISK bounded=false
}

func find(w http.ResponseWriter, r *http.Request) {
	var directory *ldap.Conn
	var err error
	if r.TLS != nil {
		directory, err = ldap.DialURL("ldaps://directory") // want: other GOOD worst_case_s=60
	} else {
		directory, err = ldap.DialURL("ldap://directory") // want: other GOOD worst_case_s=60
	}
	if err != nil {
		return
	}
	directory.SetTimeout(5 * time.Second)
	directory.Search(&ldap.SearchRequest{}) // want: other GOOD worst_case_s=5
}

func main() {
	records, _ := aerospike.NewClient("aerospike", 3000)
	cluster, _ := gocb.Connect("couchbase://db", gocb.ClusterOptions{})
	keeper, _, _ := zk.Connect([]string{"zk:2181"}, 9*time.Second)
	local, _ := bbolt.Open("/var/spool/orders.db", 0600, nil)
	broker, _ := pulsar.NewClient(pulsar.ClientOptions{URL: "pulsar://broker:6650"})
	producer, _ := broker.CreateProducer(pulsar.ProducerOptions{Topic: "orders"}) // want: other GAP
	s := &stores{records: records, cluster: cluster, keeper: keeper, local: local, producer: producer}
	s.documents = cluster.Bucket("orders").DefaultCollection()
	s.points = influxdb2.NewClient("http://influx:8086", "token")
	http.HandleFunc("/order", s.handle)
	http.HandleFunc("/login", login)
	http.HandleFunc("/find", find)
	http.ListenAndServe(":8080", nil)
}
