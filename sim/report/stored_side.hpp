/// A variant of a stored result as one side of a comparison, and its numbers by threshold.
#pragma once

#include "report/comparison.hpp"
#include "report/json_text.hpp"

#include "firstbyte/stored.hpp"

#include <string>
#include <vector>

namespace firstbyte::report {

/// One variant of a result.json.
class StoredVariant {
public:
    /// @throws std::runtime_error  when the text is no result, or does not have that variant, or has several and none
    ///                             was chosen
    explicit StoredVariant(const StoredResult& stored);

    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const Json& document() const { return document_; }
    [[nodiscard]] const Json& variant() const { return variant_; }
    [[nodiscard]] std::string name() const { return variant_.at("name").get<std::string>(); }
    [[nodiscard]] bool one_of_several() const { return document_.at("variants").size() > 1; }

    /// What the result says of a metric; nullptr when it says nothing.
    [[nodiscard]] const Json* metric(const std::string& name, const Json& labels) const;
    /// Values that a metric's single label takes, in the result's order.
    [[nodiscard]] std::vector<std::string> values(const std::string& metric, const std::string& label) const;
    /// Samples, value or ratio of a counter; 0 when it has none.
    [[nodiscard]] std::uint64_t count(const std::string& name, const Json& labels) const;

    /// All clients, or those of one label. Reasons of fallbacks are known of all clients only.
    [[nodiscard]] Side side(const Json& labels) const;

private:
    std::string file_;
    Json document_, variant_;
};

/// Why the replications of two results are not those of the same draws; empty when they are.
[[nodiscard]] std::string why_unpaired(const StoredVariant& before, const StoredVariant& after);

/// Counts of a stored metric of times. The mean of the histogram is that of its bins, right to 0.05 %.
[[nodiscard]] Histogram histogram_in(const Json& metric);

} // namespace firstbyte::report
