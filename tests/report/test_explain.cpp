#include "firstbyte/report.hpp"

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
        CHECK(text.starts_with(topic == "metrics" || topic == "outcome codes" ? topic.substr(0, 7) : topic));
        CHECK(text.size() > topic.size() + 10);
        CHECK(text.ends_with('\n'));
        CHECK(std::count(text.begin(), text.end(), '\n') <= 40);
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

TEST_CASE("explain: every cause and every fallback of the results is a topic or named by one") {
    for (int cause = 0; cause <= static_cast<int>(Cause::Reroute); ++cause) {
        const std::string name = name_of(static_cast<Cause>(cause));
        CAPTURE(name);
        CHECK_FALSE(explain(name).empty());
    }
    for (int why = 0; why < static_cast<int>(TfoFallback::count_); ++why) {
        const std::string name = name_of(static_cast<TfoFallback>(why));
        CAPTURE(name);
        CHECK(explain("tfo_fallback").find(name) != std::string::npos);
    }
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
