#include "scenario/units.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace firstbyte;
using namespace firstbyte::scenario;

TEST_CASE("units: durations, sizes and rates of the format's section 2") {
    struct Row {
        const char* text;
        std::int64_t value;
        const char* normal;
    };
    const Row durations[] = {
        {"1ns", 1, "1ns"},
        {"1us", 1'000, "1us"},
        {"1\xC2\xB5s", 1'000, "1us"},
        {"20ms", 20'000'000, "20ms"},
        {"0.3ms", 300'000, "300us"},
        {"1.5s", 1'500'000'000, "1500ms"},
        {"0s", 0, "0s"},
        {"2min", 120'000'000'000, "120s"},
        {"24h", 86'400'000'000'000, "86400s"},
        {"0.5ns", 1, "1ns"},
        {"87600h", 315'360'000'000'000'000, "315360000s"},
        {"0.1234567894s", 123'456'789, "123456789ns"},
    };
    for (const Row& row : durations) {
        CAPTURE(row.text);
        const auto parsed = parse_duration(row.text);
        REQUIRE(parsed);
        CHECK(parsed.value.count() == row.value);
        CHECK(duration_text(parsed.value) == row.normal);
    }
    const Row sizes[] = {{"700B", 700, "700B"},
                         {"4KB", 4'000, "4KB"},
                         {"1.5MB", 1'500'000, "1500KB"},
                         {"1GB", 1'000'000'000, "1GB"},
                         {"1KiB", 1'024, "1024B"},
                         {"1MiB", 1'048'576, "1048576B"},
                         {"1GiB", 1'073'741'824, "1073741824B"}};
    for (const Row& row : sizes) {
        CAPTURE(row.text);
        const auto parsed = parse_size(row.text);
        REQUIRE(parsed);
        CHECK(parsed.value.count == row.value);
        CHECK(size_text(parsed.value) == row.normal);
    }
    const Row rates[] = {{"1bps", 1, "1bps"},
                         {"9.6Kbps", 9'600, "9600bps"},
                         {"10Mbps", 10'000'000, "10Mbps"},
                         {"1Gbps", 1'000'000'000, "1Gbps"}};
    for (const Row& row : rates) {
        CAPTURE(row.text);
        const auto parsed = parse_bit_rate(row.text);
        REQUIRE(parsed);
        CHECK(parsed.value.per_sec == row.value);
        CHECK(bit_rate_text(parsed.value) == row.normal);
    }
}

TEST_CASE("units: event rates and shares") {
    CHECK(parse_event_rate("40/s").value.per_sec == 40);
    CHECK(parse_event_rate("30/min").value.per_sec == 0.5);
    CHECK(parse_event_rate("3600/h").value.per_sec == 1);
    CHECK(parse_event_rate(event_rate_text(parse_event_rate("1/h").value)).value.per_sec == 1.0 / 3600);
    CHECK(parse_share("12%").value == 0.12);
    CHECK(parse_share("99.9%").value == 0.999);
    CHECK(parse_share("0.5%").value == 0.005);
    CHECK(parse_share("0.92").value == 0.92);
    CHECK(parse_share("1").value == 1);
}

TEST_CASE("units: what is no quantity is refused with the right code") {
    struct Row {
        const char *text, *code;
    };
    const Row rows[] = {
        {"", "E204"},
        {"20", "E205"},
        {"20 ms", "E205"},
        {"20MS", "E205"},
        {"ms", "E204"},
        {"-5ms", "E203"},
        {"1e3ms", "E205"},
        {"1.ms", "E205"},
        {".5s", "E204"},
        {"+1s", "E204"},
        {"1s ", "E205"},
        {"5m", "E205"},
        {"1s500ms", "E205"},
        {"inf", "E204"},
        {"nan", "E204"},
        {"87601h", "E203"},
        {"99999999999999999999999999h", "E203"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const auto parsed = parse_duration(row.text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.fault->code == row.code);
    }
    for (const char* share : {"", "%", "-1%", "101%", "1.5", "nan", "1e999", "half"}) CHECK_FALSE(parse_share(share));
    CHECK_FALSE(parse_bit_rate("0bps"));
    CHECK_FALSE(parse_bit_rate("10mbps"));
    CHECK_FALSE(parse_event_rate("20"));
    CHECK_FALSE(parse_event_rate("20/day"));
}
