#include "templates.hpp"

namespace firstbyte::tools {

const std::vector<Template>& templates() {
    static const std::vector<Template> table{
        {"tfo-minimal", "one PoP, one origin, 200 clients: what Fast Open saves",
         R"({
  "$schema": "./firstbyte.schema.json",
  "format": 1,
  "name": "tfo-minimal",
  "run":     { "duration": "60s", "seed": 42, "replications": 10 },
  "pops":    [ { "id": "ams" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
  "clients": [ { "id": "mobile", "rtt_to": { "ams": "80ms" }, "population": 200, "sessions": "20/s" } ],
  "tls":     "1.3",
  "edge":    { "cache_hit_ratio": 0.9, "processing": "1ms" },
  "tcp":     { "client_edge": { "fast_open": true } },
  "thresholds": [ "p95(ttfb) < 250ms" ]
}
)"},
        {"origin-outage", "an origin goes dark for a minute: which 52x, when, and why",
         R"({
  "$schema": "./firstbyte.schema.json",
  "format": 1,
  "name": "origin-outage",
  "run":     { "duration": "180s", "warmup": "10s", "seed": 42, "replications": 5 },
  "pops":    [ { "id": "ams" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
  "clients": [ { "id": "mobile", "rtt_to": { "ams": "80ms" }, "population": 200, "sessions": "10/s" } ],
  "tls":     "1.3",
  "edge":    { "cache_hit_ratio": 0.5, "processing": "1ms" },
  "events":  [ { "at": "60s", "do": "origin_down", "origin": "web", "mode": "drop_syn", "for": "60s" } ],
  "thresholds": [ { "expr": "rate(outcome{code=522}) < 20%", "note": "60 s of darkness, half of it cached" } ]
}
)"},
        {"variants", "the same clients with and without Fast Open, judged by what it saves",
         R"({
  "$schema": "./firstbyte.schema.json",
  "format": 1,
  "name": "variants",
  "run":     { "duration": "60s", "seed": 42, "replications": 10 },
  "pops":    [ { "id": "ams" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
  "clients": [ { "id": "mobile", "rtt_to": { "ams": "80ms" }, "population": 200, "sessions": "20/s" } ],
  "tls":     "1.3",
  "edge":    { "cache_hit_ratio": 0.9, "processing": "1ms" },
  "variants": {
    "tfo-off": { "tcp.client_edge.fast_open": false },
    "tfo-on":  { "tcp.client_edge.fast_open": true }
  },
  "baseline": "tfo-off",
  "thresholds": [ "saving(p50(ttfb)) >= 10%" ]
}
)"},
        {"sweep", "how latency depends on the cache and on the origin",
         R"({
  "$schema": "./firstbyte.schema.json",
  "format": 1,
  "name": "sweep",
  "run":     { "duration": "30s", "seed": 42, "replications": 5 },
  "pops":    [ { "id": "ams" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
  "clients": [ { "id": "mobile", "rtt_to": { "ams": "80ms" }, "population": 200, "sessions": "20/s" } ],
  "tls":     "1.3",
  "edge":    { "cache_hit_ratio": 0.9, "processing": "1ms" },
  "sweep": {
    "edge.cache_hit_ratio": [0.5, 0.7, 0.9, 0.99],
    "origins.web.service_time": { "from": "10ms", "to": "1000ms", "steps": 3, "scale": "log" }
  },
  "thresholds": [ "p95(ttfb) < 2s" ]
}
)"},
        {"packet-lab", "one scripted connection whose first SYN-ACK is lost, packet by packet",
         R"({
  "$schema": "./firstbyte.schema.json",
  "format": 1,
  "name": "packet-lab",
  "run":     { "duration": "10s", "seed": 1, "replications": 1 },
  "pops":    [ { "id": "ams" } ],
  "clients": [ {
    "id": "lab", "population": 1, "rtt_to": { "ams": "100ms" },
    "script": [ { "at": "0s", "steps": [ { "request": "400B", "response": "5000B" } ] } ],
    "path_rules": [ { "dir": "down", "match": "synack", "nth": [1, 1], "do": "drop" } ]
  } ],
  "tls":     "none",
  "edge":    { "cache_hit_ratio": 1, "processing": "0ms" }
}
)"},
    };
    return table;
}

} // namespace firstbyte::tools
