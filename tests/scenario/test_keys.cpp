#include "scenario/keys.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace firstbyte;
using namespace firstbyte::scenario;

TEST_CASE("keys: the table has every key of the format's sections 5, 14, 15 and 16") {
    const char* const paths[] = {
        "$schema",
        "format",
        "name",
        "description",
        "tags",
        "run.duration",
        "run.warmup",
        "run.seed",
        "run.replications",
        "run.confidence",
        "topology.links",
        "topology.peers",
        "topology.as_relationships.file",
        "topology.as_relationships.kind",
        "topology.synthetic.ases",
        "topology.synthetic.tier1",
        "topology.synthetic.tier2",
        "topology.synthetic.stubs",
        "topology.synthetic.seed",
        "topology.graph.file",
        "topology.propagation.km_per_ms",
        "topology.propagation.path_stretch",
        "topology.propagation.per_hop",
        "topology.bgp.mrai",
        "topology.bgp.processing",
        "topology.bgp.policy",
        "topology.bgp.tie_break",
        "topology.bgp.mrai_jitter",
        "topology.bgp.withdraw_starts_mrai",
        "anycast.prefix",
        "anycast.asn",
        "anycast.peering.profile",
        "anycast.peering.city",
        "anycast.peering.country",
        "anycast.peering.kinds",
        "anycast.peering.seed",
        "pops[].id",
        "pops[].at",
        "pops[].upstreams",
        "pops[].prepend",
        "pops[].no_export_to",
        "pops[].asn",
        "pops[].peers",
        "pops[].prepend_to",
        "pops[].only_to",
        "pops[].capacity",
        "pops[].servers",
        "pops[].tfo_key",
        "origins[].id",
        "origins[].at",
        "origins[].rtt_to",
        "origins[].service_time",
        "origins[].preset",
        "origins[].workers",
        "origins[].accept_queue",
        "origins[].idle_timeout",
        "origins[].tfo",
        "origins[].loss",
        "origins[].middlebox.flow_idle",
        "origins[].middlebox.mode",
        "clients[].id",
        "clients[].region",
        "clients[].country",
        "clients[].at",
        "clients[].rtt_to",
        "clients[].asn",
        "clients[].population",
        "clients[].sessions",
        "clients[].script",
        "clients[].path_rules",
        "clients[].weight",
        "clients[].world.users",
        "clients[].world.per",
        "clients[].world.top",
        "clients[].world.sessions",
        "clients[].access.delay",
        "clients[].access.jitter",
        "clients[].access.down",
        "clients[].access.up",
        "clients[].access.loss",
        "clients[].access.mtu",
        "clients[].access.queue",
        "clients[].access.reorder",
        "clients[].tfo.support",
        "clients[].tfo.option_stripped",
        "clients[].tfo.syn_data_dropped",
        "clients[].tfo.blackholed",
        "clients[].tfo.public_ips",
        "clients[].tfo.race",
        "clients[].tfo.cookie",
        "clients[].deadline",
        "workload.requests_per_session",
        "workload.think_time",
        "workload.protocol",
        "workload.objects[].id",
        "workload.objects[].weight",
        "workload.objects[].method",
        "workload.objects[].request",
        "workload.objects[].response",
        "workload.objects[].cache_hit_ratio",
        "workload.reuse_between_sessions",
        "tls.version",
        "tls.resumed",
        "tls.early_data",
        "tls.client_hello",
        "tls.server_flight",
        "tcp.client_edge.initial_window",
        "tcp.client_edge.mss",
        "tcp.client_edge.congestion",
        "tcp.client_edge.min_rto",
        "tcp.client_edge.max_rto",
        "tcp.client_edge.syn_rto",
        "tcp.client_edge.syn_retries",
        "tcp.client_edge.delayed_ack",
        "tcp.client_edge.fast_open.enabled",
        "tcp.client_edge.fast_open.cookie_lifetime",
        "tcp.client_edge.fast_open.pending_limit",
        "tcp.client_edge.fast_open.cookieless",
        "tcp.client_edge.fast_open.blackhole_timeout",
        "tcp.client_edge.keepalive.idle",
        "tcp.client_edge.keepalive.interval",
        "tcp.client_edge.keepalive.probes",
        "tcp.client_edge.idle_timeout",
        "tcp.client_edge.byte_counting",
        "tcp.client_edge.quick_ack",
        "tcp.client_edge.timestamps",
        "tcp.client_edge.rto_rule",
        "tcp.client_edge.syn_linear_timeouts",
        "tcp.client_edge.synack_retries",
        "tcp.client_edge.data_retries",
        "tcp.client_edge.orphan_retries",
        "tcp.client_edge.user_timeout",
        "tcp.client_edge.slow_start_after_idle",
        "tcp.client_edge.tail_loss_probe",
        "tcp.client_edge.backlog",
        "tcp.client_edge.time_wait",
        "tcp.client_edge.listeners[].id",
        "tcp.client_edge.listeners[].fast_open",
        "tcp.client_edge.listeners[].backlog",
        "tcp.client_edge.listeners[].accept",
        "tcp.client_edge.client",
        "tcp.client_edge.server",
        "tcp.edge_origin.fast_open",
        "tcp.edge_origin.keepalive",
        "edge.profile",
        "edge.cache_hit_ratio",
        "edge.processing",
        "edge.origin_pool.max_idle",
        "edge.origin_pool.idle_timeout",
        "edge.origin_pool.pick",
        "edge.retry.connect_attempts",
        "edge.retry.reused_reset",
        "edge.retry.zero_downtime_failover",
        "edge.timeouts.syn_schedule",
        "edge.timeouts.ack",
        "edge.timeouts.read",
        "edge.timeouts.write",
        "edge.timeouts.tls",
        "edge.timeouts.header_limit",
        "edge.timeouts.read_slack",
        "events[].at",
        "events[].do",
        "events[].for",
        "events[].pop",
        "events[].value",
        "events[].a",
        "events[].b",
        "events[].delay",
        "events[].loss",
        "events[].origin",
        "events[].mode",
        "events[].keep_old",
        "events[].clients",
        "events[].factor",
        "events[].path",
        "variants",
        "baseline",
        "sweep",
        "thresholds[].expr",
        "thresholds[].level",
        "thresholds[].note",
        "thresholds[].variant",
        "output.timeline",
        "output.records",
        "output.traces",
        "output.quantiles",
        "output.groups",
        "allow",
        "clients[].script[].at",
        "clients[].script[].after",
        "clients[].script[].with",
        "clients[].script[].plus",
        "clients[].script[].hold",
        "clients[].script[].read_deadline",
        "clients[].script[].listener",
        "clients[].script[].tcp.fast_open",
        "clients[].script[].tcp.congestion",
        "clients[].script[].tcp.keepalive",
        "clients[].script[].tcp.user_timeout",
        "clients[].script[].tcp.syn_retries",
        "clients[].script[].steps[].request",
        "clients[].script[].steps[].response",
        "clients[].script[].steps[].think",
        "clients[].script[].steps[].then",
        "clients[].script[].steps[].respond",
        "clients[].script[].steps[].expect",
        "clients[].script[].steps[].idle",
        "clients[].script[].steps[].half_close",
        "clients[].script[].steps[].abort",
        "clients[].script[].steps[].unread",
        "clients[].script[].tcp.receive_buffer",
        "clients[].access.path_mtu",
        "clients[].access.icmp_filtered",
        "clients[].access.loss.in_good",
        "clients[].access.loss.in_bad",
        "clients[].access.loss.good_to_bad",
        "clients[].access.loss.bad_to_good",
        "clients[].tfo.data_stripped",
        "clients[].tfo.option_dropped",
        "tcp.client_edge.accept",
        "tcp.client_edge.listeners[].listen",
        "clients[].path_rules[].dir",
        "clients[].path_rules[].match",
        "clients[].path_rules[].nth",
        "clients[].path_rules[].between",
        "clients[].path_rules[].connections",
        "clients[].path_rules[].do",
    };
    std::set<std::string> table;
    for (const Key& row : keys()) table.insert(row.path);
    for (const char* path : paths) CHECK_MESSAGE(table.count(path) == 1, path);
}

TEST_CASE("keys: each end of a leg has every key of the leg, and no default of its own (section 15)") {
    const auto below = [](const std::string& prefix) {
        std::set<std::string> names;
        for (const Key& row : keys())
            if (row.path.rfind(prefix, 0) == 0) names.insert(row.path.substr(prefix.size()));
        return names;
    };
    for (const std::string leg : {"tcp.client_edge.", "tcp.edge_origin."}) {
        CAPTURE(leg);
        std::set<std::string> of_both;
        for (const std::string& name : below(leg)) {
            const std::string first = name.substr(0, name.find_first_of(".["));
            const bool of_leg = first == "client" || first == "server" || first == "listeners" || first == "accept" ||
                                first == "idle_timeout";
            if (!of_leg) of_both.insert(name);
        }
        CHECK(of_both.size() > 30);
        CHECK(below(leg + "client.") == of_both);
        CHECK(below(leg + "server.") == of_both);
        for (const std::string& name : of_both) {
            CAPTURE(name);
            CHECK_FALSE(find_key(leg + "client." + name)->has_default);
        }
    }
}

TEST_CASE("keys: rows are unique, have a parent, a text, and an example where one is needed") {
    std::set<std::string> seen;
    for (const Key& row : keys()) {
        CAPTURE(row.path);
        CHECK(seen.insert(row.path).second);
        CHECK_FALSE(row.doc.empty());
        CHECK(row.doc.back() != '.'); // a phrase, not a sentence
        CHECK(row.since == 1);
        if (row.required) CHECK_FALSE(row.example.empty());
        CHECK_FALSE((row.required && row.has_default));
        const std::size_t dot = row.path.rfind('.');
        if (dot == std::string::npos) continue;
        std::string parent = row.path.substr(0, dot);
        if (parent.size() > 2 && parent.substr(parent.size() - 2) == "[]") parent.resize(parent.size() - 2);
        CHECK_MESSAGE(seen.count(parent) == 1, "its parent stands before it");
    }
}

TEST_CASE("keys: found by path with ids or indices, or by their last word") {
    struct Row {
        const char *asked, *path;
    };
    const Row rows[] = {
        {"tcp.client_edge.fast_open", "tcp.client_edge.fast_open"},
        {"fast_open", "tcp.client_edge.fast_open"},
        {"origins.web.service_time", "origins[].service_time"},
        {"origins[0].service_time", "origins[].service_time"},
        {"clients[*].tfo.support", "clients[].tfo.support"},
        {"clients.*.tfo.support", "clients[].tfo.support"},
        {"service_time", "origins[].service_time"},
        {"pops", "pops"},
        {"syn_schedule", "edge.timeouts.syn_schedule"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.asked);
        const Key* key = find_key(row.asked);
        REQUIRE(key != nullptr);
        CHECK(key->path == row.path);
    }
    for (const char* nothing : {"", "banana", "origins.web.banana", "run.duration.value"})
        CHECK(find_key(nothing) == nullptr);
}

TEST_CASE("keys: the public list says what people see") {
    const std::vector<KeyDoc> docs = scenario_keys();
    const auto find = [&](const std::string& path) {
        const auto found = std::find_if(docs.begin(), docs.end(), [&](const KeyDoc& doc) { return doc.path == path; });
        REQUIRE(found != docs.end());
        return *found;
    };
    CHECK(find("tls.version").kind == "none | 1.2 | 1.3");
    CHECK(find("edge.timeouts.read").default_value == "from edge.profile");
    CHECK(find("edge.timeouts.syn_schedule").kind == "list of durations");
    CHECK(find("run.warmup").default_value == "0s");
    CHECK_FALSE(find("output.groups").supported);
    CHECK(find("<distribution lognormal>.p99").doc == "99th percentile; else give sigma");
}
