#include "scenario/support.hpp"

using namespace firstbyte;
using namespace firstbyte::scenario_test;
using namespace std::chrono_literals;

TEST_CASE("overrides: paths by id, index and *, values bare or as JSON (section 6)") {
    const std::string text =
        small(R"(, "tcp": { "client_edge": { "initial_window": 4, "fast_open": { "enabled": false } } })");
    const auto with = [&](const std::vector<Override>& overrides) { return load_scenario(text, "-", overrides); };
    CHECK(with({{"origins.web.service_time", "80ms"}}).origins[0].service_time.a == 80e6);
    CHECK(with({{"origins[0].service_time", "\"80ms\""}}).origins[0].service_time.a == 80e6);
    CHECK(with({{"clients[*].tfo.support", "25%"}}).clients[0].tfo_support == 0.25);
    CHECK(with({{"clients.*.tfo.support", "0.25"}}).clients[0].tfo_support == 0.25);
    CHECK(with({{"clients.mobile.rtt_to.ams", "5ms"}}).clients[0].rtt_to[0].second == 5ms);
    CHECK(with({{"run.seed", "9"}}).run.seed_given);
    CHECK(with({{"run.seed", "18446744073709551615"}}).run.seed == 18446744073709551615ULL);
    CHECK(with({{"tls", "1.2"}}).tls.version == Tls::Version::Tls12);
    CHECK(with({{"tls", "none"}}).tls.version == Tls::Version::None);
    CHECK(with({{"name", "42"}}).name == "42");
    CHECK(with({{"edge.timeouts.syn_schedule", R"(["1s","2s"])"}}).edge.syn_schedule == std::vector<Duration>{1s, 2s});
    CHECK(with({{"edge.timeouts.syn_schedule", R"(["1s","2s"])"}, {"edge.timeouts.syn_schedule[1]", "3s"}})
              .edge.syn_schedule == std::vector<Duration>{1s, 3s});
    CHECK(with({{"workload.objects[*].response", "20KB"}}).workload.objects[0].response.a ==
          20'000);                                                     // the default object
    CHECK(with({{"run.seed", "1"}, {"run.seed", "2"}}).run.seed == 2); // the last one counts
    const Scenario drawn = with({{"origins.web.service_time", R"({"dist":"exponential","mean":"3ms"})"},
                                 {"origins.web.service_time.mean", "4ms"}});
    CHECK(drawn.origins[0].service_time.kind == Distribution::Kind::Exponential);
    CHECK(drawn.origins[0].service_time.a == 4e6);
}

TEST_CASE("overrides: a bool for fast_open sets `enabled` and keeps the rest") {
    const std::string text = small(
        R"(, "tcp": { "client_edge": { "initial_window": 4, "fast_open": { "enabled": false, "pending_limit": 7 } } })");
    const Scenario s = load_scenario(text, "-", {{"tcp.client_edge.fast_open", "true"}});
    CHECK(s.client_edge.client.fast_open.enabled);
    CHECK(s.client_edge.server.fast_open.enabled);
    CHECK(s.client_edge.server.fast_open.pending_limit == 7);
    CHECK(s.client_edge.client.initial_window == 4);
    CHECK(load_scenario(small(""), "-", {{"tcp.client_edge.fast_open", "true"}}).client_edge.client.fast_open.enabled);
    const Scenario one_end = load_scenario(text, "-", {{"tcp.client_edge.client.fast_open", "true"}});
    CHECK(one_end.client_edge.client.fast_open.enabled);
    CHECK_FALSE(one_end.client_edge.server.fast_open.enabled);
}

TEST_CASE("overrides: a number for loss is the loss in the good state") {
    const Scenario s = load_scenario(small(""), "-", {{"clients[0].access.loss", "0.25"}});
    CHECK(s.clients[0].access.loss.in_good == 0.25);
    CHECK(s.clients[0].access.loss.in_bad == 0);
    const Scenario burst = load_scenario(
        small(""), "-",
        {{"clients[0].access.loss", R"({"in_bad": 1, "good_to_bad": "1%"})"}, {"clients[0].access.loss", "2%"}});
    CHECK(burst.clients[0].access.loss.in_good == 0.02);
    CHECK(burst.clients[0].access.loss.in_bad == 1);
}

TEST_CASE("overrides: what is wrong names the override, not a line of the file") {
    struct Row {
        const char *path, *value, *place, *message, *suggestion;
    };
    const Row rows[] = {
        {"origins.wbe.service_time", "80ms", "E307 0:0 origins.wbe.service_time",
         "override \"origins.wbe.service_time=80ms\": path \"origins.wbe.service_time\" leads nowhere: origins has no "
         "element \"wbe\"",
         "did you mean \"web\"?"},
        {"tcp.client_edge.fast_opne", "true", "E307 0:0 tcp.client_edge.fast_opne",
         "override \"tcp.client_edge.fast_opne=true\": path \"tcp.client_edge.fast_opne\" leads nowhere: unknown key "
         "\"fast_opne\"",
         "did you mean \"fast_open\"?"},
        {"origins.web.service_time", "80", "E205 0:0 origins[0].service_time",
         "override \"origins.web.service_time=80\": duration needs a unit", "write \"80ms\" (units: ns us ms s min h)"},
        {"clients[0].weight", "2", "E110 0:0 clients[0].weight",
         "override \"clients[0].weight=2\": \"clients[].weight\" is not supported yet", ""},
        {"clients.mobile.rtt_to.asm", "1ms", "E301 0:0 clients[0].rtt_to.asm",
         "override \"clients.mobile.rtt_to.asm=1ms\": no PoP is called \"asm\"",
         "did you mean \"ams\"? (defined at line 1)"},
        {"run.duration.value", "1s", "E307 0:0 run.duration.value",
         "override \"run.duration.value=1s\": path \"run.duration.value\" leads nowhere: \"duration\" is \"60s\"", ""},
        {"clients[7].population", "1", "E307 0:0 clients[7].population",
         "override \"clients[7].population=1\": path \"clients[7].population\" leads nowhere: clients has no element "
         "\"7\"",
         ""},
        {"", "1", "E307 0:0", "override \"=1\": path \"\" leads nowhere: unknown key \"\"", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.path);
        const std::vector<Issue> issues = issues_of(small(""), {{row.path, row.value}});
        REQUIRE(issues.size() == 1);
        CHECK(place_of(issues[0]) == row.place);
        CHECK(issues[0].message == row.message);
        CHECK(issues[0].suggestion == row.suggestion);
    }
}

TEST_CASE("overrides: an override can mend a file") {
    const std::string text = small(R"(, "edge": { "processing": 1 })");
    CHECK(issues_of(text).size() == 1);
    CHECK(issues_of(text, {{"edge.processing", "1ms"}}).empty());
}

TEST_CASE("variants: overrides are kept as written and each variant is checked as a whole") {
    const Scenario s = load_scenario(
        small(R"(, "variants": { "a": { "origins.web.service_time": { "dist": "constant", "value": "5ms" } },
                                             "b": { "tcp.client_edge.fast_open": true, "run.seed": 12 } })"),
        "-");
    REQUIRE(s.variants.size() == 2);
    CHECK(s.variants[0].overrides[0].second == R"({"dist":"constant","value":"5ms"})");
    CHECK(s.variants[1].overrides[0] == std::pair<std::string, std::string>{"tcp.client_edge.fast_open", "true"});
    CHECK_FALSE(s.client_edge.client.fast_open.enabled); // the file as it stands
    for (const Variant& variant : s.variants) {
        std::vector<Override> overrides;
        for (const auto& [path, value] : variant.overrides) overrides.push_back({path, value});
        CHECK(issues_of(small(""), overrides).empty());
    }
}

TEST_CASE("variants: a fault of the whole is placed at the variant's name") {
    const std::string text =
        small(",\n \"variants\": { \"all-miss\": { \"origins\": [], \"edge.cache_hit_ratio\": 0 } }");
    const std::vector<Issue> issues = issues_of(text);
    REQUIRE(issues.size() == 1);
    CHECK(place_of(issues[0]) == "E508 4:16 origins");
    CHECK(issues[0].message == "variant \"all-miss\": some requests miss the cache, and there is no origin");
}
