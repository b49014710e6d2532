/// Checked access to the fields of one JSON object of a record.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace firstbyte::validate {

/// A JSON object and where it stands. Every fault becomes a RecordError that names file, line and field.
class Fields {
public:
    /// @param where  path inside the record, such as "packets[3]"; empty for the record itself
    /// @throws RecordError  when `node` is no object
    Fields(const nlohmann::json& node, const std::string& file, int line, std::string where);

    [[nodiscard]] bool has(const char* name) const;
    [[nodiscard]] const nlohmann::json& at(const char* name) const; ///< @throws RecordError  when absent
    [[nodiscard]] std::string text(const char* name) const;
    [[nodiscard]] std::string text_or(const char* name, const std::string& otherwise) const;
    [[nodiscard]] bool boolean(const char* name) const;
    /// A number in [least, most].
    [[nodiscard]] double number(const char* name, double least, double most) const;
    /// A whole number in [least, most].
    [[nodiscard]] std::int64_t whole(const char* name, std::int64_t least, std::int64_t most) const;
    [[nodiscard]] const nlohmann::json& list(const char* name) const;
    [[nodiscard]] Fields object(const char* name) const;
    /// The i-th element of `list(name)`, an object.
    [[nodiscard]] Fields element(const char* name, std::size_t i) const;
    /// @throws RecordError  for a field that is not in `known`: what is not understood must not be ignored
    void only(std::initializer_list<std::string_view> known) const;

    [[noreturn]] void fail(const std::string& what) const;
    [[nodiscard]] const nlohmann::json& node() const { return node_; }

private:
    [[nodiscard]] std::string path(const char* name) const;
    [[noreturn]] void fail_kind(const char* name, const char* expected) const;

    const nlohmann::json& node_;
    const std::string& file_;
    int line_;
    std::string where_;
};

} // namespace firstbyte::validate
