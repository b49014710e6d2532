#include "firstbyte/report.hpp"
#include "report/outcome_facts.hpp"
#include "report/topics.hpp"
#include "scenario/metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace firstbyte;

TEST_CASE("explain: every topic has prose of at most 40 lines") {
    const std::vector<std::string> topics = explain_topics();
    CHECK(std::is_sorted(topics.begin(), topics.end()));
    CHECK(std::adjacent_find(topics.begin(), topics.end()) == topics.end());
    for (const std::string& topic : topics) {
        CAPTURE(topic);
        const std::string text = explain(topic);
        CHECK(text.starts_with(topic));
        CHECK(text.size() > topic.size() + 10);
        CHECK(text.ends_with('\n'));
        const bool list = topic == "metrics"; // a line for each of them
        CHECK((list || std::count(text.begin(), text.end(), '\n') <= 40));
    }
}

TEST_CASE("explain: codes, causes, metrics and exit codes are topics") {
    const std::vector<std::string> topics = explain_topics();
    for (const char* topic : {"499",
                              "520",
                              "521",
                              "522",
                              "523",
                              "524",
                              "525",
                              "526",
                              "stale_reuse",
                              "connect_timeout",
                              "ttfb",
                              "connect",
                              "request_time",
                              "origin_ttfb",
                              "outcome",
                              "saved_rtt",
                              "cookie_requested",
                              "cookie_granted",
                              "cookie_hit",
                              "syn_data_accepted",
                              "syn_data_ignored",
                              "tfo_fallback",
                              "reuse",
                              "exit codes",
                              "metrics"}) {
        CAPTURE(topic);
        CHECK(std::binary_search(topics.begin(), topics.end(), std::string(topic)));
    }
    CHECK(explain("no such topic").empty());
    CHECK(explain("").empty());
}

TEST_CASE("explain: every enumerator, metric, key, status and error code is a topic") {
    const std::vector<std::string> topics = explain_topics();
    const auto has_topic = [&](const std::string& name) {
        CAPTURE(name);
        CHECK(std::binary_search(topics.begin(), topics.end(), name));
        CHECK_FALSE(explain(name).empty());
    };
    for (int value = 0; value < static_cast<int>(Cause::count_); ++value) {
        const auto cause = static_cast<Cause>(value);
        has_topic(name_of(cause));
        if (const int status = status_of(cause); status != 0) has_topic(std::to_string(status));
        if (const std::string timer = timer_of(cause); !timer.empty()) has_topic(timer);
        // Settings that are said to decide exist, and are built.
        for (const std::string& path : report::settings_of(cause)) {
            CAPTURE(path);
            const std::vector<KeyDoc> keys = scenario_keys();
            const auto key = std::find_if(keys.begin(), keys.end(), [&](const KeyDoc& k) { return k.path == path; });
            REQUIRE(key != keys.end());
            CHECK(key->supported);
            CHECK(explain(name_of(cause)).find(path) != std::string::npos);
        }
    }
    for (int view = 0; view <= static_cast<int>(ClientView::None); ++view)
        has_topic(name_of(static_cast<ClientView>(view)));
    for (int kind = 0; kind < static_cast<int>(Event::Kind::count_); ++kind)
        has_topic(name_of(static_cast<Event::Kind>(kind)));
    for (int mode = 0; mode < static_cast<int>(Event::Mode::count_); ++mode)
        has_topic(name_of(static_cast<Event::Mode>(mode)));
    for (const int status : {500, 503, 504}) has_topic(std::to_string(status)); // of an origin or an overloaded edge
    for (const char* timer : {"pool_idle", "client_idle"}) has_topic(timer);
    for (const scenario::Metric& metric : scenario::metrics()) has_topic(metric.name);
    for (const KeyDoc& key : scenario_keys()) has_topic(key.path);
    for (const auto& [code, text] : scenario_error_codes()) has_topic(code);
    for (int why = 0; why < static_cast<int>(TfoFallback::count_); ++why) {
        const std::string name = name_of(static_cast<TfoFallback>(why));
        CAPTURE(name);
        CHECK(explain("tfo_fallback").find(name) != std::string::npos);
    }
}

TEST_CASE("explain: a topic of outcomes, timers and events does not speak of what is not built") {
    for (const auto& topics : {report::code_topics(), report::cause_topics(), report::view_topics(),
                               report::timer_topics(), report::event_topics(), report::mode_topics()}) {
        for (const report::Topic& topic : topics) {
            CAPTURE(topic.name);
            CHECK(topic.text.find("this version") == std::string::npos);
            CHECK(topic.text.find("This version") == std::string::npos);
        }
    }
}

TEST_CASE("explain: a word that names several things has all of them") {
    const std::string reset = explain("reset"), tls = explain("tls"), connect = explain("connect");
    CHECK(reset.find("cause of 520") != std::string::npos);
    CHECK(reset.find("mode of origin_down") != std::string::npos);
    CHECK(tls.find("timer: ") != std::string::npos);
    CHECK(tls.find("key: ") != std::string::npos);
    CHECK(connect.find("timer: ") != std::string::npos);
    CHECK(connect.find("from the SYN") != std::string::npos);
}

TEST_CASE("explain: 524 is told apart from its neighbours") {
    const std::string text = explain("524");
    CHECK(text.starts_with("524  the origin accepted the connection and the request"));
    for (const char* part : {"edge.timeouts.read", "522", "521", "520", "125 s"}) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("explain: a key is found by id, index or star of the element it belongs to") {
    const std::string text = explain("origins[].service_time");
    REQUIRE_FALSE(text.empty());
    CHECK(explain("origins.us-east.service_time") == text);
    CHECK(explain("origins[0].service_time") == text);
    CHECK(explain("origins[*].service_time") == text);
    CHECK(explain("origins.service_time") == text);
    CHECK(explain("origins.us-east.service_tim").empty());
}
