// What Markdown and HTML claim of a variant: never more than its interval supports, and never "faster" alone where its
// requests fail more often. When that is told: docs/compare.md.
#include "report/verdict_words.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace firstbyte::report;

namespace {

Json variant(const char* name, std::uint64_t good, std::uint64_t failed) {
    const auto outcome = [](Json labels, std::uint64_t count) {
        return Json{{"name", "outcome"}, {"labels", std::move(labels)}, {"count", count}};
    };
    // The whole, and the same requests by cause: neither may be counted again.
    return {{"name", name},
            {"metrics",
             {outcome(Json::object(), good + failed), outcome({{"code", "200"}}, good),
              outcome({{"code", "522"}}, failed), outcome({{"cause", "connect_timeout"}}, failed)}}};
}

struct Case {
    std::uint64_t failed_before, failed_after; ///< of 10,000 each
    const char* verdict;
    std::string sentence;
};

VerdictWords words_of(const Case& one) {
    constexpr std::uint64_t all = 10'000;
    const Json result{{"variants",
                       {variant("off", all - one.failed_before, one.failed_before),
                        variant("on", all - one.failed_after, one.failed_after)}}};
    const bool interval = std::string{one.verdict} != "no_interval";
    return verdict_words(result, {{"baseline", "off"},
                                  {"variant", "on"},
                                  {"verdict", one.verdict},
                                  {"change", -58'100'000},
                                  {"change_rel", -0.214},
                                  {"ci", interval ? Json{-59'000'000, -57'300'000} : Json{}},
                                  {"confidence", 0.95},
                                  {"n", 10}});
}

} // namespace

TEST_CASE("verdict words: what is claimed, by verdict") {
    const Case cases[] = {
        {0, 0, "faster", "on is 21.4 % faster at the median"},
        {0, 0, "no_detectable_difference", "on: no detectable difference at the median"},
        {0, 0, "within_minimal_effect", "on: no difference that matters at the median"},
        {0, 0, "no_interval", "on: -58.1 ms at the median"},
    };
    for (const Case& one : cases) CHECK(words_of(one).sentence == one.sentence);
    CHECK(words_of(cases[0]).proof == "-58.1 ms, 95 % CI -59.0 .. -57.3 ms, 10 replications");
    for (const Case& one : {cases[1], cases[2]}) CHECK(words_of(one).proof == "10 replications"); // no number to quote
    CHECK(words_of(cases[3]).proof == "10 replications: no interval");
}

TEST_CASE("verdict words: a variant whose requests fail more often is never only faster") {
    // Three standard errors of two Poisson counts a and b are 3 sqrt(a + b); a tenth of a point is 10 of 10,000.
    const Case cases[] = {
        {0, 10'000, "faster",
         "on is 21.4 % faster at the median; but 100 % of its requests do not end with 200, against 0 %"},
        {10'000, 0, "slower",
         "on is 21.4 % slower at the median; and 0 % of its requests do not end with 200, against 100 %"},
        {0, 10, "faster", // 10 > 3 sqrt(10) = 9.49, and a tenth of a point
         "on is 21.4 % faster at the median; but 0.10 % of its requests do not end with 200, against 0 %"},
        {0, 9, "faster", "on is 21.4 % faster at the median"},     // 9 = 3 sqrt(9)
        {400, 480, "faster", "on is 21.4 % faster at the median"}, // 80 < 3 sqrt(880) = 89
        {400, 500, "no_detectable_difference",                     // 100 > 3 sqrt(900) = 90
         "on: no detectable difference at the median; but 5.00 % of its requests do not end with 200, against 4.00 %"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.sentence);
        const VerdictWords words = words_of(one);
        CHECK(words.sentence == one.sentence);
        const bool told = words.sentence.find("; but") != std::string::npos;
        CHECK(words.fails_more == told);
    }
}
