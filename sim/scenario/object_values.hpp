/// Reads the members of one object into plain values.
#pragma once

#include "scenario/distribution.hpp"
#include "scenario/keys.hpp"
#include "scenario/reader.hpp"
#include "scenario/values.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::scenario {

/// The values of one object of the file. Absent and faulty members leave their target as it is.
class Values {
public:
    Values(const Node& object, std::string pattern) : object_(object), pattern_(std::move(pattern)) {}

    [[nodiscard]] const Node* get(std::string_view key) const { return good_member(object_, key); }
    [[nodiscard]] Values in(std::string_view key) const {
        static const Node nothing{};
        const Node* child = get(key);
        const std::string path = pattern_.empty() ? std::string{key} : pattern_ + "." + std::string{key};
        return {child != nullptr ? *child : nothing, path};
    }

    void read(std::string_view key, std::string& to) const {
        if (const Node* n = get(key)) to = n->text;
    }
    void read(std::string_view key, bool& to) const {
        if (const Node* n = get(key)) to = n->truth;
    }
    void read(std::string_view key, int& to) const {
        if (const Node* n = get(key)) to = as_int(*n);
    }
    void read(std::string_view key, Duration& to) const {
        if (const Node* n = get(key)) to = as_duration(*n);
    }
    void read(std::string_view key, Bytes& to) const {
        if (const Node* n = get(key)) to = as_size(*n);
    }
    void read(std::string_view key, std::optional<int>& to) const {
        if (const Node* n = get(key)) to = as_int(*n);
    }
    void read(std::string_view key, std::optional<Duration>& to) const {
        if (const Node* n = get(key)) to = as_duration(*n);
    }
    void read(std::string_view key, std::optional<Bytes>& to) const {
        if (const Node* n = get(key)) to = as_size(*n);
    }
    void read_share(std::string_view key, double& to) const {
        if (const Node* n = get(key)) to = as_share(*n);
    }
    void read_number(std::string_view key, double& to) const {
        if (const Node* n = get(key)) to = as_number(*n);
    }
    void read_asn(std::string_view key, AsNumber& to) const {
        if (const Node* n = get(key)) to = as_asn(*n);
    }
    void read(std::string_view key, std::optional<AsNumber>& to) const {
        if (const Node* n = get(key)) to = as_asn(*n);
    }
    void read(std::string_view key, std::optional<Place>& to) const {
        if (const Node* n = get(key)) to = as_place(*n);
    }
    void read(std::string_view key, std::vector<AsNumber>& to) const {
        if (const Node* n = get(key)) {
            for (const Node& element : n->elements) to.push_back(as_asn(element));
        }
    }
    void read(std::string_view key, Distribution& to) const {
        if (const Node* n = get(key)) to = read_draw(*find_child(pattern_, key), *n);
    }

private:
    const Node& object_;
    std::string pattern_;
};

} // namespace firstbyte::scenario
