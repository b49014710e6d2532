/// The one table of scenario keys. Loader, schema, `explain` and completion all read it.
#pragma once

#include "firstbyte/scenario.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::scenario {

/// Largest message, bytes. Model: one request or response is at most 1 GB, so that its bytes are counted in 32 bits.
inline constexpr double message_max = 1e9;

/// What a value of a key looks like (scenario format, section 2 and the notes of section 5).
enum class Kind : std::uint8_t {
    Object,
    Text,
    FileStem,
    Id,
    Country,
    Choice,
    Bool,
    Switch,
    Integer,
    Seed,
    Number,
    Share,
    Duration,
    Size,
    BitRate,
    EventRate,
    Place,
    Asn,
    Prefix,
    Upstreams,
    Queue,
    Quantile,
    File,
    Expression,
    WarningCode,
    LinkEnd, ///< an ASN or the id of a PoP
    AsnPair,
    CountPair,
    DurationPair,
    DurationDraw,
    SizeDraw,
    CountDraw, ///< D: a value of the kind, or an object with `dist`
    Overrides, ///< object: path to any value
    Anything,
};

enum class Shape : std::uint8_t { One, List, Map };

/// One key. `path` is a pattern: "clients[].access.delay". A row reads like a sentence through the chained setters:
/// `key("run.warmup", Kind::Duration, "0s", "runs before the measured window")`.
struct Key {
    std::string path;
    Kind kind = Kind::Anything;
    Shape shape = Shape::One;
    std::string default_value; ///< JSON, or a bare string
    bool has_default = false;
    bool from_profile = false; ///< the default is the one of `edge.profile`
    bool required = false;
    bool supported = true;
    bool prominent = false; ///< named first when the keys of a large object are listed
    bool not_empty = false; ///< a list or map with at least one element
    double min = 0;
    double max = std::numeric_limits<double>::infinity();
    bool open_range = false;                         ///< the ends are not allowed
    std::vector<std::string> choices, choices_later; ///< built, and known but not built yet
    std::string shorthand;                           ///< member that a plain value in place of this object stands for
    std::vector<std::string> only_for; ///< values of the discriminating member `do` that this key belongs to
    std::string example;               ///< of a value, in its likeliest unit
    std::string doc;
    int since = 1; ///< format in which the key appeared

    [[nodiscard]] std::string name() const; ///< last part of the path

    Key list() && {
        shape = Shape::List;
        return std::move(*this);
    }
    Key map() && {
        shape = Shape::Map;
        return std::move(*this);
    }
    Key some() && {
        not_empty = true;
        return std::move(*this);
    }
    Key range(double least, double most) && {
        min = least;
        max = most;
        return std::move(*this);
    }
    Key between(double low, double high) && {
        min = low;
        max = high;
        open_range = true;
        return std::move(*this);
    }
    Key of(std::string_view words) &&; ///< choices, separated by spaces; "!x" is known but not built yet
    Key on(std::string_view words) &&; ///< only_for, separated by spaces
    Key or_just(std::string member) && {
        shorthand = std::move(member);
        return std::move(*this);
    }
    Key like(std::string value) && {
        example = std::move(value);
        return std::move(*this);
    }
    Key first() && {
        prominent = true;
        return std::move(*this);
    }
    Key profile() && {
        from_profile = true;
        return std::move(*this);
    }
};

/// An optional key without default.
[[nodiscard]] Key key(std::string path, Kind kind, std::string doc);
/// An optional key with a default.
[[nodiscard]] Key key(std::string path, Kind kind, std::string default_value, std::string doc);
/// A required key.
[[nodiscard]] Key need(std::string path, Kind kind, std::string doc);
/// A key of the format that is not built yet: using it is an error, never silently ignored.
[[nodiscard]] Key later(std::string path, Kind kind, std::string doc);

/// Every key, parents before children.
[[nodiscard]] const std::vector<Key>& keys();
/// Keys whose path is one step longer than `pattern` ("" for the root, "pops[]" for the elements of `pops`).
[[nodiscard]] const std::vector<const Key*>& children_of(const std::string& pattern);
[[nodiscard]] const Key* find_child(const std::string& pattern, std::string_view name);
/// Pattern of the objects in a key's value: "pops" gives "pops[]", "edge" gives "edge", a map gives "x.*".
[[nodiscard]] std::string inner_pattern(const Key& key);
/// The key that a person means by "tcp.client_edge.fast_open", "clients[0].tfo" or just "fast_open"; null when none.
[[nodiscard]] const Key* find_key(std::string_view path_or_name);

/// The key whose path ends in `name`: built ones first, then the one nearest to the root, then the first of the table.
[[nodiscard]] const Key* find_key_called(std::string_view name);

/// Word for messages: "duration", "list of ASNs", "object of durations".
[[nodiscard]] std::string noun_of(const Key& key);
/// Word for one value of the key, list or not.
[[nodiscard]] std::string noun_of(Kind kind);

// The rows, by part of the file.
void append_world_keys(std::vector<Key>& rows);
void append_client_keys(std::vector<Key>& rows);
void append_behaviour_keys(std::vector<Key>& rows);
void append_question_keys(std::vector<Key>& rows);

} // namespace firstbyte::scenario
