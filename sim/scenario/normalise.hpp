/// Brings a document into its full form: shorthands become objects, absent keys get their defaults.
#pragma once

#include "scenario/document.hpp"
#include "scenario/keys.hpp"

#include <string>

namespace firstbyte::scenario {

/// Shorthands of every object below `object`, whose keys follow `pattern`: `"tls": "1.3"` becomes
/// `"tls": { "version": "1.3" }`. Wrong shapes are left for the check.
void expand_shorthands(Node& object, const std::string& pattern);

/// The same for one value of a key.
void expand_shorthand(Node& value, const Key& key);

/// Whether a plain value in place of an object means the member that the key's shorthand names.
[[nodiscard]] bool stands_for_member(const Node& value, const Key& key);

/// Gives a value that was not typed as JSON the kind its key has: the version 1.3 and the name 42 are strings.
void adapt_kind(Node& value, const Key& key);

/// Adds every absent key that is built and has a default. Call on the root, after overrides.
void fill_defaults(Node& root);

} // namespace firstbyte::scenario
