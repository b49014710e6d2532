#include "scenario/distribution.hpp"

#include "scenario/spelling.hpp"
#include "scenario/values.hpp"

#include <boost/math/distributions/normal.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace firstbyte::scenario {

namespace {

using Parameter = DistributionParameter;
using Type = DistributionParameter::Type;

const DistributionShape* find_shape(std::string_view name) {
    for (const DistributionShape& shape : distribution_shapes()) {
        if (shape.name == name) return &shape;
    }
    return nullptr;
}

void fault(Faults& faults, Node& node, const std::string& code, Words words) {
    node.faulty = true;
    faults.at_value(node, code, std::move(words));
}

bool check_own(Faults& faults, const Key& key, Node& node) {
    const Parsed<double> value = draw_value(key, node);
    if (value) return true;
    fault(faults, node, value.fault->code, {value.fault->message, value.fault->suggestion});
    return false;
}

bool check_plain(Faults& faults, Node& node, bool zero_allowed) {
    const std::optional<double> value = node.is_number() ? parse_number(node.text) : std::nullopt;
    if (!value) {
        fault(faults, node, "E201", {fmt::format("expected a number, found {}", description_of(node))});
        return false;
    }
    if (*value > 0 || (zero_allowed && *value == 0)) return true;
    fault(faults, node, "E203", {zero_allowed ? "must be at least 0" : "must be above 0"});
    return false;
}

bool check_points(Faults& faults, const Key& key, Node& list) {
    bool good = true;
    for (Node& point : list.elements) {
        if (!point.is_list() || point.elements.size() != 2) {
            fault(faults, point, "E201", {"expected a point [value, probability]"});
            good = false;
            continue;
        }
        good = check_own(faults, key, point.elements[0]) && good;
        good = check_plain(faults, point.elements[1], true) && good;
    }
    if (!good) return false;
    double value = -1, probability = 0;
    for (Node& point : list.elements) {
        const double next_value = draw_value(key, point.elements[0]).value;
        const double next_probability = *parse_number(point.elements[1].text);
        if (next_value < value || next_probability < probability) {
            fault(faults, point, "E516", {"the points of a cdf ascend in value and in probability"});
            return false;
        }
        value = next_value;
        probability = next_probability;
    }
    if (probability == 1) return true;
    fault(faults, list.elements.back(), "E516", {"the last point of a cdf has probability 1"});
    return false;
}

bool check_parameter(Faults& faults, const Key& key, const Parameter& parameter, Node& node) {
    switch (parameter.type) {
    case Type::Own: return check_own(faults, key, node);
    case Type::Positive: return check_plain(faults, node, false);
    case Type::NotNegative: return check_plain(faults, node, true);
    case Type::Text: return true;
    case Type::Values:
    case Type::Weights:
    case Type::Points: break;
    }
    if (!node.is_list() || node.elements.empty()) {
        fault(faults, node, "E201",
              {fmt::format("expected a list with at least one element, found {}",
                           node.is_list() ? "an empty one" : description_of(node))});
        return false;
    }
    if (parameter.type == Type::Points) return check_points(faults, key, node);
    bool good = true;
    for (Node& element : node.elements) {
        const bool fits =
            parameter.type == Type::Values ? check_own(faults, key, element) : check_plain(faults, element, true);
        good = good && fits;
    }
    return good;
}

double own(const Key& key, const Node& object, std::string_view name) {
    return draw_value(key, *object.find(name)).value;
}
double plain(const Node& object, std::string_view name) { return parse_number(object.find(name)->text).value_or(0); }

/// Rules between parameters that are right one by one.
void check_together(Faults& faults, const Key& key, const DistributionShape& shape, Node& object) {
    if (shape.name == "lognormal") {
        Node *p99 = object.find("p99"), *sigma = object.find("sigma");
        if ((p99 == nullptr) == (sigma == nullptr)) {
            faults.at_missing(object, "p99", "E103", {"lognormal needs `median` and one of `p99` and `sigma`"});
            object.faulty = true;
        } else if (own(key, object, "median") <= 0) {
            fault(faults, *object.find("median"), "E203", {"the median of a lognormal must be above 0"});
        } else if (p99 != nullptr && own(key, object, "p99") <= own(key, object, "median")) {
            fault(faults, *p99, "E505", {fmt::format("p99 must be above the median, {}", object.find("median")->text)});
        }
    } else if (shape.name == "uniform" && own(key, object, "max") < own(key, object, "min")) {
        fault(faults, *object.find("max"), "E515", {fmt::format("max is below min, {}", object.find("min")->text)});
    } else if (shape.name == "pareto") {
        if (own(key, object, "min") <= 0) {
            fault(faults, *object.find("min"), "E203", {"the min of a pareto must be above 0"});
        } else if (object.find("max") != nullptr && own(key, object, "max") <= own(key, object, "min")) {
            fault(faults, *object.find("max"), "E515",
                  {fmt::format("max must be above min, {}", object.find("min")->text)});
        }
    } else if (shape.name == "geometric" && plain(object, "mean") < 1) {
        fault(faults, *object.find("mean"), "E203", {"the mean of a geometric on 1, 2, 3, ... is at least 1"});
    } else if (shape.name == "empirical" && object.find("weights") != nullptr) {
        Node& weights = *object.find("weights");
        const bool all_zero = std::all_of(weights.elements.begin(), weights.elements.end(),
                                          [](const Node& weight) { return parse_number(weight.text) == 0.0; });
        if (weights.elements.size() != object.find("values")->elements.size()) {
            fault(faults, weights, "E212", {"as many weights as values are needed"});
        } else if (all_zero) {
            fault(faults, weights, "E506", {"all weights are 0"});
        }
    }
}

} // namespace

const std::vector<DistributionShape>& distribution_shapes() {
    static const std::vector<DistributionShape> shapes{
        {"constant", {{"value", Type::Own, true, "value", "always this"}}},
        {"uniform",
         {{"min", Type::Own, true, "value", "least value"}, {"max", Type::Own, true, "value", "largest value"}}},
        {"exponential", {{"mean", Type::Own, true, "value", "mean"}}},
        {"lognormal",
         {{"median", Type::Own, true, "value", "median"},
          {"p99", Type::Own, false, "value", "99th percentile; else give sigma"},
          {"sigma", Type::NotNegative, false, "number", "standard deviation of the logarithm"}}},
        {"pareto",
         {{"min", Type::Own, true, "value", "least value"},
          {"shape", Type::Positive, true, "number", "tail index"},
          {"max", Type::Own, false, "value", "the tail ends here"}}},
        {"weibull", {{"scale", Type::Own, true, "value", "scale"}, {"shape", Type::Positive, true, "number", "shape"}}},
        {"geometric", {{"mean", Type::Own, true, "number", "mean, on 1, 2, 3, ..."}}, true},
        {"empirical",
         {{"values", Type::Values, true, "list of values", "what may be drawn"},
          {"weights", Type::Weights, false, "list of numbers", "how often, by value; absent: equally"}}},
        {"cdf", {{"points", Type::Points, true, "list of [value, probability]", "linear between the points"}}},
        {"file",
         {{"path", Type::Text, true, "file name", "table of measured values"},
          {"column", Type::Text, true, "string", "column of the table"}},
         false,
         false},
    };
    return shapes;
}

bool is_draw(Kind kind) { return kind == Kind::DurationDraw || kind == Kind::SizeDraw || kind == Kind::CountDraw; }

Parsed<double> draw_value(const Key& key, const Node& node) {
    Parsed<double> result;
    if (!node.is_string() && !node.is_number()) {
        return {0, ValueFault{"E201", fmt::format("expected a {}, found {}", noun_of(key.kind), description_of(node))}};
    }
    if (key.kind == Kind::CountDraw) {
        const std::optional<double> number = node.is_number() ? parse_number(node.text) : std::nullopt;
        if (!number) return {0, ValueFault{"E201", fmt::format("expected a number, found {}", description_of(node))}};
        result.value = *number;
    } else if (key.kind == Kind::SizeDraw) {
        const Parsed<Bytes> size = parse_size(node.text, example_of(key));
        result = {static_cast<double>(size.value.count), size.fault};
    } else {
        const Parsed<Duration> duration = parse_duration(node.text, example_of(key));
        result = {static_cast<double>(duration.value.count()), duration.fault};
    }
    if (result) result.fault = range_fault(key, result.value);
    return result;
}

Key parameter_key(const Key& key) {
    Key loose = key;
    if (key.kind == Kind::SizeDraw) loose.min = 0;
    return loose;
}

std::string draw_value_text(Kind kind, double value) {
    if (kind == Kind::DurationDraw) return fmt::format("\"{}\"", duration_text(Duration{std::llround(value)}));
    if (kind == Kind::SizeDraw) return fmt::format("\"{}\"", size_text(Bytes{std::llround(value)}));
    return number_text(value);
}

void check_draw(Faults& faults, const Key& key, Node& node) {
    if (!node.is_object()) {
        check_own(faults, key, node);
        return;
    }
    std::vector<std::string> names;
    for (const DistributionShape& shape : distribution_shapes()) {
        if (shape.supported && (!shape.counts_only || key.kind == Kind::CountDraw)) names.push_back(shape.name);
    }
    Node* dist = node.find("dist");
    if (dist == nullptr) {
        faults.at_missing(node, "dist", "E103", {"missing key \"dist\"", "one of " + any_of(names)});
        node.faulty = true;
        return;
    }
    const DistributionShape* shape = dist->is_string() ? find_shape(dist->text) : nullptr;
    if (shape == nullptr || (shape->counts_only && key.kind != Kind::CountDraw)) {
        const std::string why = shape == nullptr
                                    ? fmt::format("unknown distribution {}", description_of(*dist))
                                    : fmt::format("{} is for counts, this is a {}", shape->name, noun_of(key.kind));
        std::string meant = shape == nullptr ? did_you_mean(dist->text, names) : std::string{};
        fault(faults, *dist, "E202", {why, std::move(meant), "distributions: " + any_of(names)});
        node.faulty = true;
        return;
    }
    if (!shape->supported) {
        fault(faults, *dist, "E110", {fmt::format("distribution \"{}\" is not supported yet", shape->name)});
        node.faulty = true;
        return;
    }
    const Key own_key = shape->name == "constant" ? key : parameter_key(key);
    bool good = true;
    std::vector<std::string> known{"dist"};
    for (const Parameter& parameter : shape->parameters) known.push_back(parameter.name);
    for (Member& member : node.members) {
        if (member.key == "dist" || member.key.rfind("x-", 0) == 0) continue;
        const auto parameter = std::find_if(shape->parameters.begin(), shape->parameters.end(),
                                            [&](const Parameter& candidate) { return candidate.name == member.key; });
        if (parameter == shape->parameters.end()) {
            member.value.faulty = true;
            faults.at_key(member.value, "E102",
                          {fmt::format("unknown key \"{}\"", member.key), did_you_mean(member.key, known),
                           "known keys here: " + any_of(known)});
            good = false;
        } else {
            good = check_parameter(faults, own_key, *parameter, member.value) && good;
        }
    }
    for (const Parameter& parameter : shape->parameters) {
        if (!parameter.required || node.find(parameter.name) != nullptr) continue;
        faults.at_missing(node, parameter.name, "E103",
                          {fmt::format("missing key \"{}\" of {}", parameter.name, shape->name)});
        good = false;
    }
    const std::size_t before = faults.error_count();
    if (good) check_together(faults, key, *shape, node);
    node.faulty = !good || faults.error_count() > before;
}

Distribution read_draw(const Key& key, const Node& node) {
    if (!node.is_object()) return Distribution::fixed(draw_value(key, node).value);
    const std::string& name = node.find("dist")->text;
    Distribution result;
    using Drawn = Distribution::Kind;
    if (name == "constant") return Distribution::fixed(own(key, node, "value"));
    if (name == "uniform") return {Drawn::Uniform, own(key, node, "min"), own(key, node, "max"), 0, {}, {}};
    if (name == "exponential") return {Drawn::Exponential, own(key, node, "mean"), 0, 0, {}, {}};
    if (name == "lognormal") {
        const double median = own(key, node, "median");
        if (node.find("sigma") != nullptr) return {Drawn::Lognormal, median, plain(node, "sigma"), 0, {}, {}};
        const double z99 = boost::math::quantile(boost::math::normal(), 0.99);
        return {Drawn::Lognormal, median, std::log(own(key, node, "p99") / median) / z99, 0, {}, {}};
    }
    if (name == "pareto") {
        const bool bounded = node.find("max") != nullptr;
        const double max = bounded ? own(key, node, "max") : std::numeric_limits<double>::infinity();
        return {Drawn::Pareto, own(key, node, "min"), plain(node, "shape"), max, {}, {}};
    }
    if (name == "weibull") return {Drawn::Weibull, own(key, node, "scale"), plain(node, "shape"), 0, {}, {}};
    if (name == "geometric") return {Drawn::Geometric, plain(node, "mean"), 0, 0, {}, {}};
    if (name == "cdf") {
        result.kind = Drawn::Cdf;
        for (const Node& point : node.find("points")->elements) {
            result.values.push_back(draw_value(key, point.elements[0]).value);
            result.cumulative.push_back(*parse_number(point.elements[1].text));
        }
        return result;
    }
    result.kind = Drawn::Empirical;
    const Node* weights = node.find("weights");
    double total = 0;
    for (const Node& value : node.find("values")->elements) {
        const std::size_t index = result.values.size();
        result.values.push_back(draw_value(key, value).value);
        total += weights != nullptr ? *parse_number(weights->elements[index].text) : 1;
        result.cumulative.push_back(total);
    }
    for (double& cumulative : result.cumulative) cumulative /= total;
    return result;
}

} // namespace firstbyte::scenario
