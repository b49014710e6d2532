/// JSON text to a document with byte ranges: a SAX handler fed by an iterator that counts what the lexer has taken.
#include "scenario/document.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace firstbyte::scenario {

namespace {

using Json = nlohmann::json;

// Model choice: the deepest path of the format has nine levels; a limit keeps recursion over hostile input harmless.
constexpr std::size_t depth_max = 64;

/// Hands out the bytes of a text and counts them, so that a callback can tell where its token ended.
class CountingIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, std::size_t* count) : at_(at), count_(count) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        ++at_;
        ++*count_;
        return *this;
    }
    bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
    bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

private:
    const char* at_;
    std::size_t* count_;
};

bool in_number(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

/// Builds the tree. Pointers to open containers stay valid: a list of siblings grows only while none of them is open.
class Builder : public nlohmann::json_sax<Json> {
public:
    Builder(std::string_view text, const std::size_t& taken, Node& root, std::vector<SyntaxFault>& faults)
        : text_(text), taken_(taken), root_(root), faults_(faults) {}

    bool null() override { return add(Node::Kind::Null, {taken_ - 4, taken_}) != nullptr; }

    bool boolean(bool value) override {
        Node* node = add(Node::Kind::Bool, {taken_ - (value ? 4U : 5U), taken_});
        node->truth = value;
        return true;
    }

    bool number_integer(number_integer_t) override { return number(); }
    bool number_unsigned(number_unsigned_t) override { return number(); }
    bool number_float(number_float_t, const string_t&) override { return number(); }

    bool string(string_t& value) override {
        add(Node::Kind::String, string_span())->text = std::move(value);
        return true;
    }

    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Node::Kind::Object); }
    bool start_array(std::size_t) override { return open(Node::Kind::List); }

    bool key(string_t& value) override {
        open_.back()->members.push_back(Member{std::move(value), string_span(), Node{}});
        last_end_ = taken_;
        return true;
    }

    bool end_object() override {
        drop_duplicates(*open_.back());
        return close();
    }
    bool end_array() override { return close(); }

    bool parse_error(std::size_t position, const std::string&, const Json::exception& error) override {
        SyntaxFault fault{"E101", faulty_token(std::min(position, text_.size())), {}, {}, {}};
        if (!open_.empty()) fault.path = path_of(*open_.back());
        explain(fault, error.id);
        faults_.push_back(std::move(fault));
        return false;
    }

private:
    Node* add(Node::Kind kind, Span span) {
        Node* node = &root_;
        if (!open_.empty()) {
            Node& parent = *open_.back();
            node = parent.is_object() ? &parent.members.back().value : &parent.elements.emplace_back();
            node->parent = &parent;
        }
        node->kind = kind;
        node->span = span;
        last_end_ = span.end;
        return node;
    }

    bool number() {
        std::size_t end = taken_; // the lexer has looked one character ahead, unless the text ended
        while (end > 0 && !in_number(text_[end - 1])) --end;
        std::size_t begin = end;
        while (begin > 0 && in_number(text_[begin - 1])) --begin;
        add(Node::Kind::Number, {begin, end})->text = std::string{text_.substr(begin, end - begin)};
        return true;
    }

    /// The string token that ends here: back to the nearest quote that is not escaped.
    [[nodiscard]] Span string_span() const {
        std::size_t begin = taken_ - 1;
        while (begin > 0) {
            --begin;
            if (text_[begin] != '"') continue;
            std::size_t slashes = 0;
            while (slashes < begin && text_[begin - 1 - slashes] == '\\') ++slashes;
            if (slashes % 2 == 0) break;
        }
        return {begin, taken_};
    }

    bool open(Node::Kind kind) {
        Node* node = add(kind, {taken_ - 1, taken_});
        if (open_.size() == depth_max) {
            faults_.push_back(
                {"E101", node->span, path_of(*node), fmt::format("nested deeper than {} levels", depth_max), {}});
            return false;
        }
        open_.push_back(node);
        return true;
    }

    bool close() {
        open_.back()->span.end = last_end_ = taken_;
        open_.pop_back();
        return true;
    }

    void drop_duplicates(Node& object) {
        std::vector<std::size_t> order(object.members.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return object.members[a].key < object.members[b].key; });
        std::vector<bool> again(order.size(), false);
        bool any = false;
        for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
            const Member& member = object.members[order[i]];
            if (member.key != object.members[order[first]].key) {
                first = i;
                continue;
            }
            again[order[i]] = any = true;
            const std::size_t line =
                1 +
                static_cast<std::size_t>(std::count(
                    text_.begin(),
                    text_.begin() + static_cast<std::ptrdiff_t>(object.members[order[first]].key_span.begin), '\n'));
            faults_.push_back({"E104", member.key_span, path_of(member.value),
                               fmt::format("duplicate key \"{}\"", member.key),
                               fmt::format("already given at line {}", line)});
        }
        if (!any) return;
        std::vector<Member> kept;
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (!again[i]) kept.push_back(std::move(object.members[i]));
        }
        object.members = std::move(kept);
    }

    [[nodiscard]] std::size_t after_space_and_comments(std::size_t at) const {
        while (at < text_.size()) {
            if (space.find(text_[at]) != std::string_view::npos)
                ++at;
            else if (text_.substr(at, 2) == "//")
                at = std::min(text_.find('\n', at), text_.size());
            else if (text_.substr(at, 2) == "/*")
                at = std::min(text_.find("*/", at), text_.size() - 2) + 2;
            else
                break;
        }
        return at;
    }

    /// From behind the last good token, past the commas and colons before `end`, to where the lexer stopped.
    [[nodiscard]] Span faulty_token(std::size_t end) const {
        std::size_t begin = after_space_and_comments(last_end_);
        while (begin + 1 < end && (text_[begin] == ',' || text_[begin] == ':'))
            begin = after_space_and_comments(begin + 1);
        return {begin, std::max(begin + 1, end)};
    }

    /// Says in the words of a person what the lexer or parser stumbled over, from the text around it.
    void explain(SyntaxFault& fault, int error_id) const {
        const std::size_t at = std::min(fault.span.begin, text_.size());
        const std::string_view token = text_.substr(at, fault.span.end - at);
        const std::size_t last = text_.substr(0, at).find_last_not_of(space);
        const char previous = last == std::string_view::npos ? '\0' : text_[last];
        const bool comma_or_value_before = std::string_view{",{[:"}.find(previous) == std::string_view::npos;
        constexpr int out_of_range = 406; // nlohmann: "number overflow"
        if (error_id == out_of_range) {
            fault.message = "the number is too large";
        } else if (token.empty() && open_.empty()) {
            fault.message = "the file is empty: a scenario is one JSON object";
        } else if (token.empty()) {
            const Node& inner = *open_.back();
            fault.message = fmt::format("the text ends before its {} is closed", inner.is_object() ? "\"{\"" : "\"[\"");
            fault.suggestion = fmt::format("opened at line {}", SourceText(text_).position(inner.span.begin).line);
        } else if ((token.front() == '}' || token.front() == ']') && previous == ',') {
            fault.message = fmt::format("a comma before \"{}\"", token.front());
            fault.suggestion = "remove the comma";
        } else if (token.front() == '\'') {
            fault.message = "a string needs double quotes";
            fault.suggestion = "write \"...\" in place of '...'";
        } else if (token.front() == '"' && (token.size() == 1 || token.back() != '"')) {
            fault.message = "the string is not closed on its line, or holds a character that must be escaped";
        } else if (!open_.empty() && comma_or_value_before &&
                   std::string_view{"\"{["}.find(token.front()) != std::string_view::npos) {
            fault.message = "a comma or a colon is missing before this";
        } else if (open_.empty() && last_end_ > 0) {
            fault.message = "the scenario has ended before this";
        } else {
            fault.message = "this cannot stand here in JSON";
        }
    }

    static constexpr std::string_view space = " \t\r\n";
    std::string_view text_;
    const std::size_t& taken_;
    Node& root_;
    std::vector<SyntaxFault>& faults_;
    std::vector<Node*> open_;
    std::size_t last_end_ = 0; ///< behind the last token that was good
};

void mark(Node& node, Node::From from, int override_index) {
    node.from = from;
    node.override_index = override_index;
    for (Member& member : node.members) mark(member.value, from, override_index);
    for (Node& element : node.elements) mark(element, from, override_index);
}

} // namespace

bool parse_document(const SourceText& source, Node& root, std::vector<SyntaxFault>& faults) {
    const std::string_view text = source.text();
    std::size_t taken = 0;
    Builder builder(text, taken, root, faults);
    const CountingIterator first(text.data(), &taken), last(text.data() + text.size(), &taken);
    const bool whole = Json::sax_parse(first, last, &builder, Json::input_format_t::json, true, true);
    if (whole) link_parents(root);
    return whole;
}

Node parse_value(std::string_view text, Node::From from, int override_index) {
    Node node;
    std::vector<SyntaxFault> faults;
    if (!parse_document(SourceText(text), node, faults) || !faults.empty()) {
        node = Node{};
        node.kind = Node::Kind::String;
        node.text = std::string{text};
    }
    mark(node, from, override_index);
    return node;
}

} // namespace firstbyte::scenario
