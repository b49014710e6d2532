#include "report/verdict_words.hpp"

#include "report/format.hpp"

#include <cmath>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

Failures failures_of(const Json& result, const std::string& name) {
    for (const Json& variant : result.at("variants"))
        if (variant.at("name") == name) return failures_in(variant);
    return {};
}

void put_claim(const Json& change, VerdictWords& words) {
    const std::string who = change.at("variant").get<std::string>();
    const std::string verdict = change.at("verdict").get<std::string>();
    const std::string over = counted(change.at("n").get<std::uint64_t>(), "replication");
    words.proof = over;
    if (verdict == "no_detectable_difference") {
        words.sentence = who + ": no detectable difference at the median";
        return;
    }
    if (verdict == "within_minimal_effect") {
        words.sentence = who + ": no difference that matters at the median";
        return;
    }
    const double by = change.at("change").get<double>();
    const int decimals = millisecond_decimals(by);
    const std::string number = milliseconds_number(by, decimals, true) + " ms";
    const Json &interval = change.at("ci"), &relative = change.at("change_rel");
    if (verdict == "no_interval" || !interval.is_array()) {
        words.sentence = fmt::format("{}: {} at the median", who, number);
        words.proof += ": no interval";
        return;
    }
    const std::string share = relative.is_number() ? percent(std::fabs(relative.get<double>())) + " " : "";
    words.sentence = fmt::format("{} is {}{} at the median", who, share, verdict);
    words.proof = fmt::format("{}, {:g} % CI {} .. {} ms, {}", number, 100 * change.at("confidence").get<double>(),
                              milliseconds_number(interval.at(0).get<double>(), decimals, true),
                              milliseconds_number(interval.at(1).get<double>(), decimals, true), over);
}

} // namespace

Failures failures_in(const Json& variant) {
    Failures out;
    for (const Json& metric : variant.at("metrics")) {
        const Json& labels = metric.at("labels");
        if (metric.at("name") != "outcome" || labels.size() != 1 || !labels.contains("code")) continue;
        const auto count = metric.at("count").get<std::uint64_t>();
        out.all += count;
        if (labels.at("code") != "200") out.failed += count;
    }
    return out;
}

VerdictWords verdict_words(const Json& result, const Json& change) {
    VerdictWords words;
    put_claim(change, words);
    const Failures before = failures_of(result, change.at("baseline").get<std::string>());
    const Failures after = failures_of(result, change.at("variant").get<std::string>());
    const std::string failures = failures_words(before, after);
    if (!failures.empty()) words.sentence += "; " + failures;
    words.fails_more = fails_more(before, after);
    return words;
}

} // namespace firstbyte::report
