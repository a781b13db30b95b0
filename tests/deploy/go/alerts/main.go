// Evaluates alerting rules on scraped samples with Prometheus' own engine, and reads queries.
//
// A question in JSON on stdin, its answer in JSON on stdout. It knows no metric.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// A scrape of one target; a text of null means that the target did not answer, and `gone` that it
// is no target any more.
type scrape struct {
	At     int64             `json:"at"`
	Target map[string]string `json:"target"`
	Text   *string           `json:"text"`
	Gone   bool              `json:"gone"`
}

type question struct {
	Rules string `json:"rules"`
	Step  int64  `json:"step"`
	// Until when rules are looked at, in ms; the last scrape may be long before.
	End     int64    `json:"end"`
	Scrapes []scrape `json:"scrapes"`
	Queries []string `json:"queries"`
}

type answer struct {
	// When each alert first fired, in ms; alerts that never did are left out.
	Fired map[string]int64 `json:"fired"`
	// The metrics that each query names.
	Metrics map[string][]string `json:"metrics"`
	// How many series each query gives at the last scrape.
	Series map[string]int `json:"series"`
}

func main() {
	var asked question
	err := json.NewDecoder(os.Stdin).Decode(&asked)
	if err == nil {
		var said *answer
		if said, err = answered(&asked); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(said)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answered(asked *question) (*answer, error) {
	said := &answer{map[string]int64{}, map[string][]string{}, map[string]int{}}
	for _, query := range asked.Queries {
		names, err := metrics(query)
		if err != nil {
			return nil, err
		}
		said.Metrics[query] = names
	}
	folder, err := os.MkdirTemp("", "voucherify-sync-alerts-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	db, err := tsdb.Open(folder, slog.New(slog.DiscardHandler), nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := fill(db, asked.Scrapes); err != nil {
		return nil, err
	}
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 10_000_000, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true,
	})
	if err := said.alerts(engine, db, asked); err != nil {
		return nil, err
	}
	return said, said.queries(engine, db, asked)
}

// The names of metrics in a query, from its selectors.
func metrics(query string) ([]string, error) {
	parsed, err := parser.ParseExpr(query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", query, err)
	}
	names := []string{}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			for _, matcher := range selector.LabelMatchers {
				if matcher.Name == labels.MetricName {
					names = append(names, matcher.Value)
				}
			}
		}
		return nil
	})
	return names, nil
}

// Stores scrapes as Prometheus does: with the target's labels, and `up`. What a target no longer
// tells is stale from then on.
func fill(db *tsdb.DB, scrapes []scrape) error {
	told := map[string]map[string]labels.Labels{}
	for _, one := range scrapes {
		app := db.Appender(context.Background())
		up, name := 0.0, labels.FromMap(one.Target).String()
		now := map[string]labels.Labels{}
		if one.Gone {
			up = math.Float64frombits(value.StaleNaN)
		} else if one.Text != nil {
			up = 1
			if err := samples(app, one, now); err != nil {
				return err
			}
		}
		for key, series := range told[name] {
			if _, still := now[key]; !still {
				if _, err := app.Append(0, series, one.At, math.Float64frombits(value.StaleNaN)); err != nil {
					return err
				}
			}
		}
		told[name] = now
		if _, err := app.Append(0, labelled(labels.FromStrings(labels.MetricName, "up"), one.Target), one.At, up); err != nil {
			return err
		}
		if err := app.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func samples(app storage.Appender, one scrape, now map[string]labels.Labels) error {
	read := textparse.NewPromParser([]byte(*one.Text), labels.NewSymbolTable(), false)
	for {
		entry, err := read.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var told labels.Labels
		read.Labels(&told)
		_, _, number := read.Series()
		series := labelled(told, one.Target)
		now[series.String()] = series
		if _, err := app.Append(0, series, one.At, number); err != nil {
			return err
		}
	}
}

func labelled(series labels.Labels, target map[string]string) labels.Labels {
	builder := labels.NewBuilder(series)
	for name, text := range target {
		builder.Set(name, text)
	}
	return builder.Labels()
}

// Each rule at each step. An alert fires once one of its series was there for as long as it says.
func (said *answer) alerts(engine *promql.Engine, db *tsdb.DB, asked *question) error {
	if asked.Rules == "" || len(asked.Scrapes) == 0 {
		return nil
	}
	groups, errs := rulefmt.ParseFile(asked.Rules, false)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	begin, end := asked.Scrapes[0].At, asked.End
	step := time.Duration(asked.Step) * time.Millisecond
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			query, err := engine.NewRangeQuery(
				context.Background(), db, nil, rule.Expr, time.UnixMilli(begin), time.UnixMilli(end), step)
			if err != nil {
				return err
			}
			matrix, err := query.Exec(context.Background()).Matrix()
			if err != nil {
				return fmt.Errorf("%s: %w", rule.Alert, err)
			}
			for _, series := range matrix {
				said.held(rule, series, asked.Step)
			}
			query.Close()
		}
	}
	return nil
}

func (said *answer) held(rule rulefmt.Rule, series promql.Series, step int64) {
	var since, before int64
	for _, point := range series.Floats {
		if before == 0 || point.T-before > step {
			since = point.T
		}
		before = point.T
		first, known := said.Fired[rule.Alert]
		if point.T-since >= time.Duration(rule.For).Milliseconds() && (!known || point.T < first) {
			said.Fired[rule.Alert] = point.T
		}
	}
}

func (said *answer) queries(engine *promql.Engine, db *tsdb.DB, asked *question) error {
	if len(asked.Scrapes) == 0 {
		return nil
	}
	last := time.UnixMilli(asked.Scrapes[len(asked.Scrapes)-1].At)
	for _, text := range asked.Queries {
		query, err := engine.NewInstantQuery(context.Background(), db, nil, text, last)
		if err != nil {
			return err
		}
		vector, err := query.Exec(context.Background()).Vector()
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		said.Series[text] = len(vector)
		query.Close()
	}
	return nil
}
