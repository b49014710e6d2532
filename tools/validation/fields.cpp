#include "fields.hpp"

#include "record_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

/// The value for a message, without filling the screen.
std::string shown(const nlohmann::json& value) {
    constexpr std::size_t shown_max = 40; // enough to recognise a value
    std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (text.size() > shown_max) text = text.substr(0, shown_max) + "...";
    return text;
}

} // namespace

Fields::Fields(const nlohmann::json& node, const std::string& file, int line, std::string where)
    : node_(node), file_(file), line_(line), where_(std::move(where)) {
    if (!node_.is_object()) fail(fmt::format("expected an object, found {}", shown(node_)));
}

bool Fields::has(const char* name) const { return node_.contains(name); }

const nlohmann::json& Fields::at(const char* name) const {
    const auto found = node_.find(name);
    if (found == node_.end()) fail(fmt::format("\"{}\" is missing", name));
    return *found;
}

std::string Fields::text(const char* name) const {
    const nlohmann::json& value = at(name);
    if (!value.is_string()) fail_kind(name, "text");
    return value.get<std::string>();
}

std::string Fields::text_or(const char* name, const std::string& otherwise) const {
    return has(name) ? text(name) : otherwise;
}

bool Fields::boolean(const char* name) const {
    const nlohmann::json& value = at(name);
    if (!value.is_boolean()) fail_kind(name, "true or false");
    return value.get<bool>();
}

double Fields::number(const char* name, double least, double most) const {
    const nlohmann::json& value = at(name);
    if (!value.is_number()) fail_kind(name, "a number");
    const auto number = value.get<double>();
    if (!(number >= least && number <= most))
        fail(fmt::format("\"{}\" must be between {} and {}, found {}", name, least, most, shown(value)));
    return number;
}

std::int64_t Fields::whole(const char* name, std::int64_t least, std::int64_t most) const {
    const double value = number(name, static_cast<double>(least), static_cast<double>(most));
    if (value != std::floor(value)) fail_kind(name, "a whole number");
    return static_cast<std::int64_t>(value);
}

const nlohmann::json& Fields::list(const char* name) const {
    const nlohmann::json& value = at(name);
    if (!value.is_array()) fail_kind(name, "a list");
    return value;
}

Fields Fields::object(const char* name) const { return {at(name), file_, line_, path(name)}; }

Fields Fields::element(const char* name, std::size_t i) const {
    return {list(name)[i], file_, line_, fmt::format("{}[{}]", path(name), i)};
}

void Fields::only(std::initializer_list<std::string_view> known) const {
    for (const auto& [name, value] : node_.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            fail(fmt::format("\"{}\" is not known here; known are {}", name, fmt::join(known, ", ")));
    }
}

void Fields::fail(const std::string& what) const {
    throw RecordError(file_, line_, where_.empty() ? what : where_ + ": " + what);
}

void Fields::fail_kind(const char* name, const char* expected) const {
    fail(fmt::format("\"{}\" must be {}, found {}", name, expected, shown(at(name))));
}

std::string Fields::path(const char* name) const { return where_.empty() ? name : where_ + "." + name; }

} // namespace firstbyte::validate
