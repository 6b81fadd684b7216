#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "base/text.h"
#include "migration/node.h"

namespace segue::migration {
namespace {

constexpr std::size_t deepest = 24;

// Thrown through yaml-cpp to end a parse that leads nowhere; never leaves this file.
struct Stop {};

Mark to_mark(const YAML::Mark& mark) {
  return {std::max(0, mark.line), std::max(0, mark.column)};
}

// Builds the tree from the parser's events. yaml-cpp's own Node forgets a key that stands twice and follows aliases.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(const Source& source) : source_(source) {}

  Node root;
  Problems problems;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.at = to_mark(mark);
    const auto rest =
        source_.line(node.at.line).substr(std::min(source_.line(node.at.line).size(), std::size_t(node.at.column)));
    // Where a value was left out, the mark is that of the next key, which may be called null.
    const bool is_key = !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key;
    for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
      if (starts_with_word(rest, word) && (is_key || !rest.substr(word.size()).starts_with(':'))) node.text = word;
    }
    refuse_anchor(node.at, anchor);
    if (node.text.empty() && !open_.empty()) node.at = place_of_nothing(node.at);
    put(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Node node;
    node.at = to_mark(mark);
    refuse("alias", node.at, "an alias (*name) stands here",
           "write the value out: a migration file says everything where it is used");
    node.refused = true;
    put(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::scalar;
    node.at = to_mark(mark);
    node.text = value;
    node.quoted = tag == "!";
    refuse_anchor(node.at, anchor);
    refuse_tag(node.at, tag);
    if (node.quoted && !source_.is_closed(node.at)) {
      refuse("not-closed", node.at, "the quote that opens here has no end", "close it where the value ends");
      throw Stop();
    }
    if (value.find('\0') != std::string::npos) {
      refuse("control-character", node.at, "an escape in this value gives a NUL byte",
             "take it out: PostgreSQL's text cannot hold it");
      node.refused = true;
    }
    put(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(Node::Kind::list, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(Node::Kind::map, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Node node;
    Node key;
    bool has_key = false;
  };

  // The parser names what follows a value that was left out. We name the key, or the dash in the lines before.
  Mark place_of_nothing(Mark next) const {
    if (open_.back().has_key) return open_.back().key.at;
    for (int number = next.line - 1; number >= open_.back().node.at.line; --number) {
      const auto line = source_.line(number);
      const auto dash = line.find_first_not_of(' ');
      if (dash == std::string_view::npos || line[dash] == '#') continue;
      return line[dash] == '-' ? Mark{number, static_cast<int>(dash)} : next;
    }
    return next;
  }

  void refuse(std::string code, Mark at, std::string message, std::string hint) {
    problems.push_back({std::move(code), source_.position(at), std::move(message), std::move(hint)});
  }

  void refuse_anchor(Mark at, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    refuse("anchor", at, "an anchor (&name) stands here",
           "take it out: a migration file says everything where it is used");
  }

  void refuse_tag(Mark at, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    const std::string_view core = "tag:yaml.org,2002:";
    const auto written = tag.starts_with(core) ? "!!" + tag.substr(core.size()) : tag;
    refuse("tag", at, fmt::format("a YAML tag ({}) stands here", cut(written, 40)),
           "take it out: the key says what the value is");
  }

  void begin(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Open open;
    open.node.kind = kind;
    open.node.at = to_mark(mark);
    refuse_anchor(open.node.at, anchor);
    refuse_tag(open.node.at, tag);
    if (open_.size() >= deepest) {
      refuse("too-deep", open.node.at, fmt::format("values are nested more than {} deep here", deepest),
             "look for a bracket that is not closed");
      throw Stop();
    }
    open_.push_back(std::move(open));
  }

  void end() {
    auto node = std::move(open_.back().node);
    open_.pop_back();
    put(std::move(node));
  }

  void put(Node node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    auto& open = open_.back();
    if (open.node.kind == Node::Kind::list) {
      open.node.items.push_back(std::move(node));
    } else if (!open.has_key) {
      put_key(std::move(node));
    } else {
      open.node.entries.push_back({std::move(open.key), std::move(node)});
      open.key = {};
      open.has_key = false;
    }
  }

  void put_key(Node key) {
    if (key.kind == Node::Kind::list || key.kind == Node::Kind::map) {
      refuse("key-not-text", key.at, "a key must be a single word, but here stands a list or a mapping",
             "quote the value before it if it holds { or [");
      const auto at = key.at;
      key = {};
      key.kind = Node::Kind::scalar;
      key.at = at;
      key.refused = true;
    }
    if (key.kind == Node::Kind::empty) key.kind = Node::Kind::scalar;
    if (key.text == "<<" && !key.quoted) {
      key.refused = true;
      refuse("merge-key", key.at, "a merge key (<<) stands here",
             "write the keys out: a migration file says everything where it is used");
    }
    open_.back().key = std::move(key);
    open_.back().has_key = true;
  }

  const Source& source_;
  std::vector<Open> open_;
};

// The parser's own words, and what is meant by them.
struct Meaning {
  std::string_view said;
  std::string_view message;
  std::string_view hint;
};

constexpr Meaning meanings[] = {
    {"end of map flow not found", "a { that was opened before has no }", "close it"},
    {"end of sequence flow not found", "a [ that was opened before has no ]", "close it"},
    {"end of map not found", "this line is indented like no line above it", "give it as many blanks as its neighbours"},
    {"end of sequence not found", "this line is indented like no line above it",
     "give it as many blanks as its neighbours"},
    {"illegal map value", "a colon stands where no key can be", "put the value in quotes if the colon belongs to it"},
    {"illegal EOF in scalar", "a quote that was opened before has no end", "close it where the value ends"},
    {"anchor is not defined", "an alias (*name) stands here",
     "write the value out, or quote it if the * is meant: a migration file says everything where it is used"},
};

// The parser's complaint in words that help.
Problem explain(const YAML::ParserException& error, const Source& source) {
  auto at = to_mark(error.mark);
  const auto last = static_cast<int>(std::count(source.text().begin(), source.text().end(), '\n'));
  if (error.mark.is_null()) at = {last, 0};
  Problem problem{"not-yaml", source.position(at), "this is not YAML: " + error.msg,
                  "look at the quotes, brackets and indentation here and on the line above"};
  for (const auto& meaning : meanings) {
    if (error.msg.find(meaning.said) == std::string::npos) continue;
    problem.message = meaning.message;
    problem.hint = meaning.hint;
  }
  if (source.line(at.line).find("${") != std::string_view::npos) {
    problem.hint = "inside { } and [ ] a value with ${…} must stand in double quotes";
  }
  for (int line = at.line; line >= std::max(0, at.line - 1); --line) {
    const auto blanks = source.line(line).substr(0, source.line(line).find_first_not_of(" \t"));
    const auto tab = blanks.find('\t');
    if (tab == std::string_view::npos || blanks.size() == source.line(line).size()) continue;
    problem.at = source.position({line, static_cast<int>(tab)});
    problem.message = "a tab stands in the indentation";
    problem.hint = "indent with blanks: YAML does not take tabs";
  }
  return problem;
}

}  // namespace

std::optional<Node> parse_yaml(const Source& source, Problems& problems) {
  if (auto bad = check_bytes(source); !bad.empty()) {
    problems.insert(problems.end(), bad.begin(), bad.end());
    return std::nullopt;
  }
  Builder builder(source);
  bool whole = false;
  std::istringstream input(source.text());
  try {
    YAML::Parser parser(input);
    parser.HandleNextDocument(builder);
    whole = true;
    Builder second(source);
    if (parser && parser.HandleNextDocument(second)) {
      builder.problems.push_back({"second-document", source.position(second.root.at),
                                  "a second YAML document begins here", "keep one document in a file"});
    }
  } catch (const Stop&) {
  } catch (const YAML::ParserException& error) {
    builder.problems.push_back(explain(error, source));
  } catch (const std::exception& error) {
    builder.problems.push_back({"not-yaml",
                                {source.shown(), 1, 1},
                                fmt::format("this is not YAML: {}", error.what()),
                                "look at the quotes, brackets and indentation"});
  }
  problems.insert(problems.end(), builder.problems.begin(), builder.problems.end());
  if (!whole) return std::nullopt;
  return std::move(builder.root);
}

}  // namespace segue::migration
