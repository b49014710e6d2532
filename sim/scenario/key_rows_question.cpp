/// Rows of the table: events, variants, sweeps, thresholds, output.
#include "firstbyte/scenario.hpp"
#include "scenario/keys.hpp"

namespace firstbyte::scenario {

namespace {

std::string mode_names() {
    std::string names;
    for (int mode = 0; mode < static_cast<int>(Event::Mode::count_); ++mode) {
        if (mode != 0) names += ' ';
        names += name_of(static_cast<Event::Mode>(mode));
    }
    return names;
}

} // namespace

void append_question_keys(std::vector<Key>& rows) {
    const auto add = [&rows](Key row) { rows.push_back(std::move(row)); };

    add(key("events", Kind::Object, "what happens during the run").list());
    add(need("events[].at", Kind::Duration, "when, from the start of the warm-up").like("\"120s\""));
    add(need("events[].do", Kind::Choice, "what happens")
            .of("origin_down rotate_tfo_key clear_path_rules set withdraw announce prepend link_down pop_dies drain "
                "edge_restart edge_maintenance edge_balance edge_overload origin_restart surge !link_set")
            .like("\"origin_down\""));
    add(key("events[].for", Kind::Duration, "how long; absent: until the end")
            .on("origin_down set withdraw prepend link_down pop_dies drain edge_overload link_set surge")
            .like("\"60s\""));
    add(key("events[].origin", Kind::Id, "which origin").on("origin_down origin_restart").like("\"web\""));
    add(key("events[].mode", Kind::Choice, "how the origin fails")
            .of(mode_names())
            .on("origin_down")
            .like("\"drop_syn\""));
    add(key("events[].size", Kind::Size, "length of the response header of mode big_header; absent: 200KB")
            .range(1, message_max)
            .on("origin_down")
            .like("\"200KB\""));
    add(key("events[].graceful", Kind::Bool,
            "whether a restart closes idle connections in order and lets others finish; absent: false")
            .on("origin_restart"));
    add(key("events[].pop", Kind::Id, "which PoP; absent, for rotate_tfo_key: all")
            .on("withdraw announce prepend pop_dies drain rotate_tfo_key edge_restart edge_maintenance edge_balance "
                "edge_overload")
            .like("\"ams\""));
    add(key("events[].share", Kind::Share,
            "of client connections that are cut (edge_balance), of requests that fail (edge_overload); absent: all")
            .on("edge_balance edge_overload")
            .like("\"20%\""));
    add(key("events[].status", Kind::Integer, "what an overloaded edge answers: 500, 502 or 503; absent: 503")
            .range(500, 503)
            .on("edge_overload")
            .like("503"));
    add(key("events[].keep_old", Kind::Bool, "whether the key before stays valid; absent: false").on("rotate_tfo_key"));
    add(key("events[].tfo_key", Kind::Id, "name of the new key, as in pops[].tfo_key; absent: one that was never used")
            .on("rotate_tfo_key")
            .like("\"shared\""));
    add(key("events[].old_tfo_key", Kind::Id, "name of the key that stays valid, when it is not the one before")
            .on("rotate_tfo_key")
            .like("\"shared\""));
    add(key("events[].clients", Kind::Id, "which client group; absent: all")
            .on("clear_path_rules surge")
            .like("\"mobile\""));
    add(key("events[].path", Kind::Text,
            "which key is set: fast_open.enabled of a leg, or of its client or server; or origins.ID.service_time")
            .on("set")
            .like("\"tcp.client_edge.fast_open.enabled\""));
    add(key("events[].value", Kind::Anything,
            "its new value; of prepend and drain: extra copies of the own ASN, of drain 3 when absent")
            .on("set prepend drain")
            .like("true"));
    add(key("events[].by", Kind::Choice,
            "how a drain makes routes unattractive first; absent: graceful_shutdown (RFC 8326)")
            .of("graceful_shutdown prepend")
            .on("drain"));
    add(key("events[].withdraw_after", Kind::Duration, "from the start of a drain until the withdrawal; absent: 60s")
            .on("drain")
            .like("\"60s\""));
    add(key("events[].a", Kind::LinkEnd, "one end of the link: an ASN or a PoP").on("link_down link_set").like("174"));
    add(key("events[].b", Kind::LinkEnd, "other end of the link: an ASN or a PoP")
            .on("link_down link_set")
            .like("\"ams\""));
    add(later("events[].delay", Kind::Duration, "new delay of the link").on("link_set"));
    add(later("events[].loss", Kind::Share, "new loss of the link").on("link_set"));
    add(key("events[].factor", Kind::Number, "how many times as often sessions begin")
            .range(0, 1e6)
            .on("surge")
            .like("3"));

    add(key("variants", Kind::Overrides, "named sets of overrides")
            .map()
            .like("{ \"tcp.client_edge.fast_open\": true }"));
    add(key("baseline", Kind::Text, "the variant all others are compared with; absent: the first"));
    add(key("sweep", Kind::Anything, "paths and their values: a list, or from, to, steps and scale (linear, log)")
            .map()
            .like("[\"0%\", \"50%\", \"100%\"]"));

    add(key("thresholds", Kind::Object, "what must hold").list().or_just("expr").like("\"p95(ttfb) < 250ms\""));
    add(need("thresholds[].expr", Kind::Expression, "the condition").like("\"p95(ttfb) < 250ms\""));
    add(key("thresholds[].level", Kind::Choice, "error", "whether it fails the run or warns").of("error warn"));
    add(key("thresholds[].note", Kind::Text, "printed beside the result"));
    add(key("thresholds[].variant", Kind::Text, "judged on this variant only; base: the file as it stands"));

    add(key("output", Kind::Object, "{}", "what results hold"));
    add(key("output.quantiles", Kind::Quantile, "[\"p50\", \"p90\", \"p95\", \"p99\", \"p99.9\"]",
            "quantiles in results")
            .list()
            .some()
            .like("[\"p50\", \"p99\"]"));
    add(key("output.timeline", Kind::Duration,
            "bucket of time series; 0s: none; absent: 1s, in runs of more than an hour a 3600th of it in whole seconds")
            .like("\"10s\""));
    add(key("output.records", Kind::Share, "0", "share of requests that results keep one by one").like("\"1%\""));
    add(key("output.traces", Kind::Object, "connections of replication 0 that results keep packet by packet").list());
    add(key("output.traces[].clients", Kind::Id, "client group; absent: any").like("\"mobile\""));
    add(key("output.traces[].outcome", Kind::Integer, "only those with a request that ended with this status")
            .range(100, 599)
            .like("520"));
    add(key("output.traces[].first", Kind::Integer, "1", "at most that many").range(1, 100));
    add(later("output.groups", Kind::Anything, "products of labels in results"));
    add(key("allow", Kind::WarningCode, "warnings not to print").list().like("[\"W501\"]"));
}

} // namespace firstbyte::scenario
