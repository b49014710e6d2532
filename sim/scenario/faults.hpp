/// Collects the faults of a scenario with the place of each.
#pragma once

#include "firstbyte/scenario.hpp"
#include "scenario/document.hpp"

#include <string>
#include <vector>

namespace firstbyte::scenario {

/// What to say about one fault.
struct Words {
    std::string message;
    std::string suggestion = {};
    std::string help = {};
};

/// The list of faults of one reading of a document. Codes beginning with W are warnings.
class Faults {
public:
    Faults(const SourceText& source, std::vector<std::string> overrides)
        : source_(source), overrides_(std::move(overrides)) {}

    /// While a variant is read: its name goes before every message, and faults whose place is outside the variant's
    /// own overrides are placed at its name.
    void enter_variant(const std::string& name, const Node& values);

    void at_value(const Node& node, const std::string& code, Words words);
    /// At the key of `node`; at its value when it has none.
    void at_key(const Node& node, const std::string& code, Words words);
    /// At `length` characters of a string value, `offset` characters behind its opening quote.
    void within_text(const Node& node, std::size_t offset, std::size_t length, const std::string& code, Words words);
    /// At an object from which the member `key` is missing; nothing where a member that is a misspelling of it was
    /// refused already.
    void at_missing(const Node& object, const std::string& key, const std::string& code, Words words);
    /// A fault of the override `index`, which names no value of the file.
    void at_override(int index, const std::string& path, const std::string& code, Words words);
    void syntax(const SyntaxFault& fault);

    [[nodiscard]] bool any_error() const { return errors_ > 0; }
    [[nodiscard]] std::size_t error_count() const { return errors_; }
    /// All faults in file order; those without a place come last.
    [[nodiscard]] std::vector<Issue> in_file_order() const;
    /// The line of a value, for "defined at line N"; 0 when it was not typed in the file.
    [[nodiscard]] int line_of(const Node& node) const;

    /// Adds the faults of a variant that this list does not have. One that stands in the variant's own overrides is
    /// always its own; another one is known when the same was found at the same path.
    void merge(const Faults& variant);

private:
    void add(const Node& node, Span span, std::string path, const std::string& code, Words words);
    void place(Issue& issue, Span span) const;
    [[nodiscard]] bool in_own_overrides(const Issue& issue) const;

    const SourceText& source_;
    std::vector<std::string> overrides_; ///< as typed: "path=value"
    std::vector<Issue> issues_;
    std::size_t errors_ = 0;
    std::string prefix_;
    const Node* variant_ = nullptr;
};

} // namespace firstbyte::scenario
