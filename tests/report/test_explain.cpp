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
        const bool list = topic == "metrics" || topic == "outcome codes"; // a line for each of them
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

TEST_CASE("explain: every cause and every fallback of the results is a topic or named by one") {
    for (int cause = 0; cause < static_cast<int>(Cause::count_); ++cause) {
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

TEST_CASE("explain: every timer, view of the client, kind of event and way of failing is a topic") {
    const std::vector<std::string> topics = explain_topics();
    const auto has = [&](const std::string& topic) {
        CAPTURE(topic);
        CHECK(std::binary_search(topics.begin(), topics.end(), topic));
    };
    for (int cause = 0; cause < static_cast<int>(Cause::count_); ++cause)
        if (const std::string timer = timer_of(static_cast<Cause>(cause)); !timer.empty()) has("timer " + timer);
    for (int view = 0; view < static_cast<int>(ClientView::None); ++view) has(name_of(static_cast<ClientView>(view)));
    for (int kind = 0; kind < static_cast<int>(Event::Kind::count_); ++kind)
        has(std::string("event ") + name_of(static_cast<Event::Kind>(kind)));
    for (int mode = 0; mode < static_cast<int>(Event::Mode::count_); ++mode)
        has(std::string("mode ") + name_of(static_cast<Event::Mode>(mode)));
    for (const char* code : {"200", "408", "499", "500", "502", "503", "504", "520", "521", "522", "523", "524", "525", "526", "530"}) has(code);
    for (const char* topic : {"499", "523", "526", "524"}) CHECK(explain(topic).find("this version") == std::string::npos);
}
