#include "scenario/threshold_parser.hpp"

#include <fmt/format.h>

namespace firstbyte::scenario {

namespace {

/// Walks over the expression; the first thing that does not fit is kept as the fault.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    Piece word(const char* what, std::string_view ends) {
        skip_space();
        const std::size_t start = at_;
        while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) ++at_;
        std::size_t end = at_;
        while (end > start && text_[end - 1] == ' ') --end;
        if (end == start) fail(fmt::format("expected {} here", what));
        return {std::string{text_.substr(start, end - start)}, start};
    }

    bool accept(std::string_view token) {
        skip_space();
        if (text_.substr(at_, token.size()) != token) return false;
        at_ += token.size();
        return true;
    }

    void expect(std::string_view token) {
        if (!accept(token)) fail(fmt::format("expected \"{}\" here", token));
    }

    Piece op() {
        skip_space();
        for (const std::string_view candidate : {"<=", ">=", "==", "<", ">"}) {
            const std::size_t start = at_;
            if (accept(candidate)) return {std::string{candidate}, start};
        }
        fail("expected <, <=, >, >= or == here");
        return {};
    }

    bool done() {
        skip_space();
        return at_ == text_.size();
    }

    void fail(std::string message) {
        if (fault_) return;
        fault_ = ThresholdSyntaxFault{at_ < text_.size() ? at_ : (text_.empty() ? 0 : text_.size() - 1), 1,
                                      std::move(message)};
        if (at_ >= text_.size()) fault_->message += ", at the end";
    }

    [[nodiscard]] bool failed() const { return fault_.has_value(); }
    [[nodiscard]] const std::optional<ThresholdSyntaxFault>& fault() const { return fault_; }

private:
    void skip_space() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::optional<ThresholdSyntaxFault> fault_;
};

void read_call(Scanner& scan, ParsedThreshold& to, bool outermost) {
    to.aggregate = scan.word("a statistic such as p95", "(){}<>= ");
    scan.expect("(");
    if (scan.failed()) return;
    if (outermost && to.aggregate.text == "saving") {
        to.saving = true;
        read_call(scan, to, false);
        scan.expect(")");
        return;
    }
    to.metric = scan.word("a metric", "(){}<>=, ");
    if (scan.accept("{")) {
        do {
            Piece label = scan.word("a label", "(){}<>=, ");
            scan.expect("=");
            Piece value = scan.word("a label's value", "{}()=,");
            to.labels.emplace_back(std::move(label), std::move(value));
        } while (!scan.failed() && scan.accept(","));
        scan.expect("}");
    }
    scan.expect(")");
}

} // namespace

std::optional<ThresholdSyntaxFault> parse_threshold(std::string_view text, ParsedThreshold& to) {
    Scanner scan(text);
    read_call(scan, to, true);
    if (!scan.failed()) to.op = scan.op();
    if (!scan.failed()) to.value = scan.word("a limit such as 250ms", " +()<>=");
    if (!scan.failed() && (scan.accept("+-") || scan.accept("\u00b1")))
        to.tolerance = scan.word("a tolerance such as 1ms", " +()<>=");
    if (!scan.failed() && !scan.done()) scan.fail("the expression should end here");
    return scan.fault();
}

} // namespace firstbyte::scenario
