/// A JSON document that remembers where every key and value stands.
#pragma once

#include "scenario/source_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::scenario {

struct Member;

/// One JSON value. Numbers keep their text, so that no digit is lost before the kind of the key is known.
struct Node {
    enum class Kind : std::uint8_t { Null, Bool, Number, String, Object, List };
    enum class From : std::uint8_t { File, Override, Default }; ///< who wrote the value
    Kind kind = Kind::Null;
    From from = From::File;
    bool truth = false;           ///< of a Bool
    bool faulty = false;          ///< a fault was reported here: later stages keep off
    int override_index = -1;      ///< which override, when from == From::Override
    const char* reason = nullptr; ///< of a default: what it follows from; null: the table of keys
    std::string text;             ///< of a String (unescaped) or a Number (as written)
    std::vector<Member> members;  ///< of an Object, in file order
    std::vector<Node> elements;   ///< of a List
    Span span;                    ///< in the file; meaningless for overrides and defaults
    const Node* parent = nullptr; ///< set by link_parents

    [[nodiscard]] bool is_object() const { return kind == Kind::Object; }
    [[nodiscard]] bool is_list() const { return kind == Kind::List; }
    [[nodiscard]] bool is_string() const { return kind == Kind::String; }
    [[nodiscard]] bool is_number() const { return kind == Kind::Number; }
    [[nodiscard]] bool is_bool() const { return kind == Kind::Bool; }

    /// The member called `key`, or null.
    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] Node* find(std::string_view key);
};

struct Member {
    std::string key;
    Span key_span; ///< with its quotes
    Node value;
};

/// Where and why a text is not JSON as scenarios use it.
struct SyntaxFault {
    std::string code; ///< "E101" or "E104"
    Span span;
    std::string path;
    std::string message, suggestion;
};

/// Reads `source` into `root`; `//` comments are accepted. Duplicate keys are faults, and the first one counts.
/// @return false when the text ends before a whole value was read, so that `root` is of no use
bool parse_document(const SourceText& source, Node& root, std::vector<SyntaxFault>& faults);

/// Reads one JSON value that was not typed in the file (an override, a default of the table).
/// Text that is not JSON is a bare string: `80ms` needs no quotes.
[[nodiscard]] Node parse_value(std::string_view text, Node::From from, int override_index = -1);

/// Sets every `parent` below `root`. Call after the last change of the tree.
void link_parents(Node& root);

/// "clients[0].access.delay"; empty for the root. Needs parents.
[[nodiscard]] std::string path_of(const Node& node);

/// The member of its parent object that holds `node`, or null.
[[nodiscard]] const Member* member_of(const Node& node);

/// `client "mobile"` when `node` is, or is inside, a list element with an id; else empty. Needs parents.
[[nodiscard]] std::string element_of(const Node& node);

/// "an object", "the number 20", ... for messages.
[[nodiscard]] std::string description_of(const Node& node);

/// Compact JSON text of a value, as it was written.
[[nodiscard]] std::string to_json_text(const Node& node);

} // namespace firstbyte::scenario
