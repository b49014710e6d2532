/// Records as scenarios: each field of a record becomes the key that scenario-format section 15 gives it.
#include "validation/convert.hpp"
#include "validation/record_error.hpp"

#include "firstbyte/scenario.hpp"
#include "record_text.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;
using nlohmann::json;

namespace {

/// The record with some of its values replaced, by JSON pointer.
json changed(const std::vector<std::pair<std::string, json>>& changes) {
    json record = small_record();
    for (const auto& [pointer, value] : changes) record[json::json_pointer(pointer)] = value;
    return record;
}

json scenario_of(const json& record) { return json::parse(validate::scenario_of(timeline_of(record))); }

const std::string leg = "/tcp/client_edge", entry = "/clients/0/script/0";

} // namespace

TEST_CASE("conversion: what a record says stands under the key for it") {
    struct Row {
        const char* why;
        std::vector<std::pair<std::string, json>> record;
        std::string pointer;
        json expected;
    };
    const Row rows[] = {
        {"round trip", {{"/rtt_ms", 12.5}}, "/clients/0/rtt_to/server", "12500us"},
        {"unlimited", {}, "/clients/0/access", json::object()},
        {"rate", {{"/rate_bps", 4000000}}, "/clients/0/access/down", "4000000bps"},
        {"queue", {{"/rate_bps", 4000000}, {"/qpkts", 50}}, "/clients/0/access/queue", "50 packets"},
        {"cookie held", {}, "/clients/0/tfo/cookie", "held"},
        {"no cookie", {{"/cookie_at_start", false}}, "/clients/0/tfo", nullptr},
        {"start", {{"/conns/0/client_events/0/1", 250.3}}, entry + "/at", "250300us"},
        {"request", {}, entry + "/steps/0", {{"request", "400B"}, {"response", "500B"}}},
        {"think time", {{"/conns/0/steps", "q1/2/300"}}, entry + "/steps/0/think", "300ms"},
        {"then close", {{"/conns/0/steps", "q1/2/0/1"}}, entry + "/steps/0/then", "close"},
        {"then reset", {{"/conns/0/steps", "q1/2/0/2"}}, entry + "/steps/0/then", "reset"},
        {"reset instead",
         {{"/conns/0/steps", "q1/2/0/3"}},
         entry + "/steps/0",
         {{"request", "1B"}, {"response", "2B"}, {"respond", "none"}, {"then", "reset"}}},
        {"close instead", {{"/conns/0/steps", "q1/2/0/4"}}, entry + "/steps/0/then", "close"},
        {"never responds", {{"/conns/0/steps", "q1/2/0/5"}}, entry + "/steps/0/respond", "never"},
        {"expected bytes", {{"/conns/0/steps", "q400/2000/0/2/5000"}}, entry + "/steps/0/expect", "5000B"},
        {"idle", {{"/conns/0/steps", "q1/2,i20,q1/2"}}, entry + "/steps/1", {{"idle", "20ms"}}},
        {"hold", {{"/conns/0/steps", "q1/2,h5000"}}, entry + "/hold", "5000ms"},
        {"unread", {{"/conns/0/steps", "n8000"}}, entry + "/steps", {{{"unread", "8000ms"}}}},
        {"deadline", {{"/conns/0/steps", "t1500,q1/2"}}, entry + "/read_deadline", "1500ms"},
        {"half-close", {{"/conns/0/steps", "q1/2,w,h9"}}, entry + "/steps/1", {{"half_close", true}}},
        {"reset by the client", {{"/conns/0/steps", "q1/2,x"}}, entry + "/steps/1", {{"abort", true}}},
        {"fast open", {}, entry + "/tcp/fast_open", "on"},
        {"no fast open", {{"/conns/0/opts", json::object()}}, entry + "/tcp/fast_open", "off"},
        {"deferred connect", {{"/conns/0/opts/tfo", "connect"}}, entry + "/tcp/fast_open", "connect"},
        {"cookieless socket", {{"/conns/0/opts/tfo", "nocookie"}}, entry + "/tcp/fast_open", "cookieless"},
        {"keepalive",
         {{"/conns/0/opts/ka", "300/75/9"}},
         entry + "/tcp/keepalive",
         {{"idle", "300000ms"}, {"interval", "75000ms"}, {"probes", 9}}},
        {"user timeout", {{"/conns/0/opts/ut", 3200}}, entry + "/tcp/user_timeout", "3200ms"},
        {"SYN count", {{"/conns/0/opts/syncnt", 1}}, entry + "/tcp/syn_retries", 1},
        {"congestion", {{"/conns/0/opts/cc", "reno"}}, entry + "/tcp/congestion", "reno"},
        {"receive buffer", {{"/conns/0/opts/rcvbuf", 8192}}, entry + "/tcp/receive_buffer", "8192B"},
        {"listener's limit", {{"/listeners/0/tfo", 1}}, leg + "/server/fast_open/pending_limit", 1},
        {"listener without", {{"/listeners/0", {{"port", 8000}}}}, leg + "/server/fast_open/enabled", false},
        {"backlog", {{"/listeners/0/backlog", 1}}, leg + "/server/backlog", 1},
        {"never accepts", {{"/listeners/0/threads", 0}}, leg + "/accept", false},
        {"second listener",
         {{"/listeners/1", {{"port", 8001}}}, {"/conns/0/opts/port", 8001}},
         entry + "/listener",
         "port-8001"},
        {"nobody listens",
         {{"/conns/0/opts/port", 8009}},
         leg + "/listeners/0",
         {{"id", "port-8009"}, {"listen", false}}},
        {"own port", {{"/conns/0/opts/port", 8000}}, entry + "/listener", nullptr},
        {"SYN retries", {{"/sysctl/client/tcp_syn_retries", "2"}}, leg + "/client/syn_retries", 2},
        {"linear timeouts", {{"/sysctl/client/tcp_syn_linear_timeouts", "0"}}, leg + "/client/syn_linear_timeouts", 0},
        {"SYN-ACK retries", {{"/sysctl/server/tcp_synack_retries", "3"}}, leg + "/server/synack_retries", 3},
        {"data retries", {{"/sysctl/server/tcp_retries2", "5"}}, leg + "/server/data_retries", 5},
        {"idle restart",
         {{"/sysctl/server/tcp_slow_start_after_idle", "0"}},
         leg + "/server/slow_start_after_idle",
         false},
        {"tail loss probe", {{"/sysctl/server/tcp_early_retrans", "0"}}, leg + "/server/tail_loss_probe", false},
        {"pause",
         {{"/sysctl/client/tcp_fastopen_blackhole_timeout_sec", "60"}},
         leg + "/client/fast_open/blackhole_timeout",
         "60000ms"},
        {"client bit", {{"/sysctl/client/tcp_fastopen", "2"}}, leg + "/client/fast_open/enabled", false},
        {"client bits 0x5", {{"/sysctl/client/tcp_fastopen", "5"}}, leg + "/client/fast_open/cookieless", true},
        {"server bit", {{"/sysctl/server/tcp_fastopen", "1"}}, leg + "/server/fast_open/enabled", false},
        {"server bits 0x203", {{"/sysctl/server/tcp_fastopen", "515"}}, leg + "/server/fast_open/cookieless", true},
        {"every listener",
         {{"/sysctl/server/tcp_fastopen", "1027"}, {"/listeners/0", {{"port", 8000}}}},
         leg + "/server/fast_open/enabled",
         true},
        {"rule", {}, "/clients/0/path_rules/0", {{"dir", "up"}, {"match", "syn"}, {"nth", {1, 1}}, {"do", "drop"}}},
        {"rule's span",
         {{"/rules/0",
           {{"dir", "both"}, {"match", "pureack"}, {"action", "drop"}, {"after_ms", 500}, {"until_ms", 900}}}},
         "/clients/0/path_rules/0/between",
         {"500ms", "900ms"}},
        {"rule's connections", {{"/rules/0/conns", {0}}}, "/clients/0/path_rules/0/connections", {0}},
        {"new key",
         {{"/changes",
           json::parse(R"([{"at_ms": 700, "side": "server", "sysctl": "tcp_fastopen_key", "value": "b"}])")},
          {"/sysctl/server/tcp_fastopen_key", "a"}},
         "/events/0",
         {{"at", "700ms"}, {"do", "rotate_tfo_key"}, {"tfo_key", "key-1"}}},
        {"new key beside the old",
         {{"/changes",
           json::parse(R"([{"at_ms": 700, "side": "server", "sysctl": "tcp_fastopen_key", "value": "b,a"}])")},
          {"/sysctl/server/tcp_fastopen_key", "a"}},
         "/events/0/old_tfo_key",
         "shared"},
        {"the first key again",
         {{"/changes",
           json::parse(R"([{"at_ms": 700, "side": "server", "sysctl": "tcp_fastopen_key", "value": "b"},
                           {"at_ms": 800, "side": "server", "sysctl": "tcp_fastopen_key", "value": "a"}])")},
          {"/sysctl/server/tcp_fastopen_key", "a"}},
         "/events/1/tfo_key",
         "shared"},
        {"two keys from the start",
         {{"/sysctl/server/tcp_fastopen_key", "a,b"}},
         "/events/0",
         {{"at", "0ms"}, {"do", "rotate_tfo_key"}, {"tfo_key", "shared"}, {"old_tfo_key", "key-1"}}},
        {"switched off",
         {{"/changes", json::parse(R"([{"at_ms": 700, "side": "client", "sysctl": "tcp_fastopen", "value": "2"}])")}},
         "/events/0",
         {{"at", "700ms"}, {"do", "set"}, {"path", "tcp.client_edge.client.fast_open.enabled"}, {"value", false}}},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.why));
        const json record = changed(row.record);
        const json scenario = scenario_of(record);
        const json::json_pointer pointer(row.pointer);
        const json found = scenario.contains(pointer) ? scenario[pointer] : json();
        CHECK_MESSAGE(found == row.expected, found.dump());
        // Whatever is written, the loader takes it.
        std::string issues;
        try {
            static_cast<void>(load_scenario(scenario.dump(), "record.fb.json"));
        } catch (const ScenarioError& error) {
            for (const Issue& issue : error.issues()) issues += issue.path + ": " + issue.message + "; ";
        }
        CHECK_MESSAGE(issues.empty(), issues);
    }
}

TEST_CASE("conversion: a client that was ended from outside gives up reading shortly before its FIN") {
    json record = small_record();
    record["conns"][0]["client_events"].erase(4); // no close; the FIN leaves at 1200 ms, a round trip takes 100 ms
    CHECK(scenario_of(record)["clients"][0]["script"][0]["read_deadline"] == "1000ms");
    CHECK_FALSE(scenario_of(small_record())["clients"][0]["script"][0].contains("read_deadline"));
    record["packets"].erase(7);
    CHECK_FALSE(scenario_of(record)["clients"][0]["script"][0].contains("read_deadline"));
}

TEST_CASE("conversion: what the scenario format cannot say is refused, not left out") {
    struct Row {
        std::string pointer;
        json value;
        std::string expected;
    };
    const Row rows[] = {
        {"/sysctl/client/tcp_recovery", "0", "sysctl tcp_recovery has no key"},
        {"/sysctl/client/tcp_syn_retries", "many", "tcp_syn_retries must be a whole number"},
        {"/sysctl/client/tcp_fastopen", "64", "tcp_fastopen 64 has unknown bits"},
        {"/changes", json::parse(R"([{"at_ms": 1, "side": "client", "sysctl": "tcp_sack", "value": "0"}])"),
         "a change of sysctl tcp_sack has no event"},
        {"/conns/0/opts/mark", 1, "connection option \"mark\" is unknown"},
        {"/conns/0/opts/tfo", "maybe", "Fast Open use \"maybe\" is unknown"},
        {"/conns/0/opts/ka", "3/1", "keepalive must be idle/interval/count"},
        {"/conns/0/steps", "q1/2/0/9", "a server that does 9"},
        {"/conns/0/steps", "q1/2,t5,q1/2", "a deadline that begins after the first read"},
        {"/rules/0/match", "rst", "match \"rst\" is unknown"},
        {"/listeners", json::array(), "there is no listener"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.pointer);
        std::string found;
        try {
            static_cast<void>(scenario_of(changed({{row.pointer, row.value}})));
        } catch (const validate::RecordError& error) {
            found = error.what();
        }
        CHECK_MESSAGE(found.starts_with("records.json:1: first-syn-lost: " + row.expected), found);
    }
}

TEST_CASE("conversion: a grid point drops the segments it names and uses its congestion control") {
    validate::GridPoint point;
    point.set = "loss";
    point.rtt_ms = 50;
    point.queue_packets = 1000;
    point.congestion = "reno";
    point.request = 400;
    point.response = 150000;
    point.fast_open = validate::GridPoint::FastOpen::Repeat;
    point.drop = {{15, 20}};
    const std::string text = validate::scenario_of(point);
    const json scenario = json::parse(text);
    CHECK(scenario["clients"][0]["path_rules"][0] ==
          json{{"dir", "down"}, {"match", "data"}, {"nth", {15, 20}}, {"do", "drop"}});
    CHECK(scenario["clients"][0]["tfo"]["cookie"] == "held");
    CHECK(scenario["tcp"]["client_edge"]["congestion"] == "reno");
    CHECK(load_scenario(text, "point.fb.json").clients.size() == 1);
}
