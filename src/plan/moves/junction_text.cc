#include "plan/moves/junction_text.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/moves/sync.h"

namespace segue::plan {
JunctionText::JunctionText(const Junction& junction)
    : of_(junction),
      table_(junction.table.quoted()),
      links_(junction.links.quoted()),
      key_(pg::quote_name(junction.key)),
      column_(pg::quote_name(junction.column)),
      mine_(pg::quote_name(junction.mine)),
      other_(pg::quote_name(junction.other)),
      primary_(pg::quote_name(junction.primary)) {
  const auto meant = table_ + "." + column_ + " in " + links_;
  const auto called = [&](const std::string& what) {
    return own_name(junction.table, fmt::format("segue_{}_{}_{}", what, junction.table.name, junction.column), meant);
  };
  to_link_ = called("link");
  to_key_ = called("key");
  settle_ = called("settle");
  on_table_ = called("from");
  on_links_ = called("back");
  table_trigger_ = pg::quote_name(own_mark("~segue_link_" + junction.column, meant));
  links_trigger_ = pg::quote_name(own_mark("~segue_key_" + junction.column, meant));
}

std::string JunctionText::wrong() const {
  return fmt::format("{}.{} IS DISTINCT FROM (SELECT l.{} FROM {} l WHERE l.{} = {}.{} AND l.{} ORDER BY 1 LIMIT 1)",
                     pg::quote_name(of_.table.name), column_, other_, links_, mine_, pg::quote_name(of_.table.name),
                     key_, primary_);
}

std::string JunctionText::call_to_link() const {
  return fmt::format("{}({}.{})", to_link_, pg::quote_name(of_.table.name), key_);
}

std::string JunctionText::call_to_key() const {
  return fmt::format("{}({}.{})", to_key_, pg::quote_name(of_.table.name), key_);
}

// The marked link becomes what the key says; a link that is there already is marked instead.
std::string JunctionText::link_body() const {
  return fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_value {table}.{column}%TYPE;
BEGIN
  SELECT t.{column} INTO segue_value FROM {table} t WHERE t.{key} = segue_key;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF segue_value IS NULL OR EXISTS (SELECT FROM {links} l WHERE l.{mine} = segue_key AND l.{other} = segue_value) THEN
    DELETE FROM {links} WHERE ctid = ANY (ARRAY(SELECT l.ctid FROM {links} l WHERE l.{mine} = segue_key AND l.{primary}
      AND l.{other} IS DISTINCT FROM segue_value FOR UPDATE SKIP LOCKED));
    UPDATE {links} SET {primary} = true WHERE ctid = ANY (ARRAY(SELECT l.ctid FROM {links} l WHERE l.{mine} = segue_key
      AND l.{other} = segue_value AND l.{primary} IS NOT TRUE FOR UPDATE SKIP LOCKED));
  ELSIF EXISTS (SELECT FROM {links} l WHERE l.{mine} = segue_key AND l.{primary}) THEN
    UPDATE {links} SET {other} = segue_value WHERE ctid = ANY (ARRAY(SELECT l.ctid FROM {links} l
      WHERE l.{mine} = segue_key AND l.{primary} ORDER BY l.{other} LIMIT 1 FOR UPDATE SKIP LOCKED));
  ELSE
    INSERT INTO {links} ({mine}, {other}, {primary}) VALUES (segue_key, segue_value, true) ON CONFLICT DO NOTHING;
  END IF;
END
)sql",
                     fmt::arg("table", table_), fmt::arg("links", links_), fmt::arg("key", key_),
                     fmt::arg("column", column_), fmt::arg("mine", mine_), fmt::arg("other", other_),
                     fmt::arg("primary", primary_));
}

std::string JunctionText::key_body() const {
  return fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_value {table}.{column}%TYPE;
BEGIN
  SELECT l.{other} INTO segue_value FROM {links} l WHERE l.{mine} = segue_key AND l.{primary} ORDER BY 1 LIMIT 1;
  UPDATE {table} SET {column} = segue_value WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM {table} t
    WHERE t.{key} = segue_key AND t.{column} IS DISTINCT FROM segue_value FOR NO KEY UPDATE SKIP LOCKED));
END
)sql",
                     fmt::arg("table", table_), fmt::arg("links", links_), fmt::arg("key", key_),
                     fmt::arg("column", column_), fmt::arg("mine", mine_), fmt::arg("other", other_),
                     fmt::arg("primary", primary_));
}

// Source 1: the key was written; 2: a link was.
std::string JunctionText::settle_body() const {
  const auto wrong_now = fmt::format("EXISTS (SELECT FROM {0} AS {1} WHERE {1}.{2} = segue_at AND ({3}))", table_,
                                     pg::quote_name(of_.table.name), key_, wrong());
  return fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_note record;
  segue_at {table}.{key}%TYPE;
BEGIN
  FOR segue_note IN{notes}
  LOOP
    BEGIN
      segue_at := segue_note.new_row ->> 'key';
      IF {wrong} THEN
        IF segue_note.source = 1 THEN
          PERFORM {to_link}(segue_at);
        ELSE
          PERFORM {to_key}(segue_at);
        END IF;
      END IF;{looked_at}
    END;
  END LOOP;
  RETURN {left};
END
)sql",
                     fmt::arg("table", table_), fmt::arg("key", key_), fmt::arg("notes", notes_to_look_at(settle_)),
                     fmt::arg("wrong", wrong_now), fmt::arg("to_link", to_link_), fmt::arg("to_key", to_key_),
                     fmt::arg("looked_at", note_looked_at(wrong_now)), fmt::arg("left", notes_left(settle_)));
}

// What one function writes must not call the other. A key that an INSERT of a link would displace before it was ever
// carried over becomes a link of its own first.
std::string JunctionText::trigger_body(bool on_table) const {
  const auto each = [&](const std::string& row, const std::string& column) {
    return fmt::format(
        R"sql(
    IF segue_noted THEN
      INSERT INTO segue.resync (sync, source, new_row) VALUES ({0}, {1}, jsonb_build_object('key', {2}.{3}::text));
    END IF;
    BEGIN
      PERFORM {4}({2}.{3});
    EXCEPTION WHEN others THEN
      NULL;  -- it is noted, and looked at again
    END;)sql",
        pg::quote_literal(settle_), on_table ? 1 : 2, row, column, on_table ? to_link_ : to_key_);
  };
  const auto head = fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_noted boolean := to_regclass('segue.resync') IS NOT NULL;
BEGIN
  IF current_setting('segue.healing', true) IN ('link', 'key') THEN
    RETURN NULL;
  END IF;
  IF TG_LEVEL = 'STATEMENT' AND TG_OP <> 'TRUNCATE' THEN
    IF segue_noted AND pg_trigger_depth() = 1 AND current_setting('transaction_isolation') = 'read committed' THEN
      BEGIN
        PERFORM {}(2);
      EXCEPTION WHEN others THEN
        NULL;
      END;
    END IF;
    RETURN NULL;
  END IF;)sql",
                                settle_);
  if (on_table) return head + each("NEW", key_) + "\n  RETURN NULL;\nEND\n";
  const auto first = fmt::format(R"sql(
  IF TG_OP = 'TRUNCATE' THEN
    UPDATE {6} SET {5} = NULL WHERE {5} IS NOT NULL;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    BEGIN
      INSERT INTO {0} ({1}, {2}, {3}) SELECT t.{4}, t.{5}, false FROM {6} t WHERE t.{4} = NEW.{1} AND t.{5} <> NEW.{2}
      ON CONFLICT DO NOTHING;
    EXCEPTION WHEN others THEN
      NULL;  -- found by the comparison
    END;
  END IF;
  IF TG_OP <> 'INSERT' THEN)sql",
                                 links_, mine_, other_, primary_, key_, column_, table_);
  const auto then = fmt::format(
      "\n  END IF;\n  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND OLD.{0} IS DISTINCT FROM NEW.{0}) THEN", mine_);
  return head + first + each("OLD", mine_) + then + each("NEW", mine_) + "\n  END IF;\n  RETURN NULL;\nEND\n";
}

std::vector<MadeFunction> JunctionText::made() const {
  return {{to_link_, of_.key_type}, {to_key_, of_.key_type}, {settle_, "integer"}, {on_table_, ""}, {on_links_, ""}};
}

std::vector<std::string> JunctionText::functions() const {
  const auto argument = "segue_key " + of_.key_type;
  // It is back as it was when the function ends.
  const auto healing = [](const std::string& what) { return fmt::format("SET segue.healing = '{}'", what); };
  return {definer(to_link_, argument, "void", link_body(), healing("link")),
          definer(to_key_, argument, "void", key_body(), healing("key")),
          definer(settle_, "segue_most integer", "bigint", settle_body()),
          definer(on_table_, "", "trigger", trigger_body(true)),
          definer(on_links_, "", "trigger", trigger_body(false)),
          give_to_owner(of_.table, made())};
}

std::vector<std::string> JunctionText::drop_functions() const {
  return drop_texts(made());
}

// The same name with a letter for what it fires on.
std::string JunctionText::named(const std::string& quoted, const char* letter) const {
  auto name = quoted;
  name.insert(name.size() - 1, letter);
  return name;
}

std::vector<std::string> JunctionText::triggers_on_table() const {
  const auto trigger = [&](const char* letter, const std::string& event, const std::string& how) {
    return fmt::format("CREATE TRIGGER {} AFTER {} ON {} FOR EACH {} EXECUTE FUNCTION {}()",
                       named(table_trigger_, letter), event, table_, how, on_table_);
  };
  return {trigger("i", "INSERT", fmt::format("ROW WHEN (NEW.{} IS NOT NULL)", column_)),
          trigger("u", "UPDATE", fmt::format("ROW WHEN (OLD.{0} IS DISTINCT FROM NEW.{0})", column_)),
          trigger("z", "INSERT OR UPDATE OF " + column_, "STATEMENT")};
}

std::vector<std::string> JunctionText::triggers_on_links() const {
  const auto trigger = [&](const char* letter, const std::string& event, const std::string& how) {
    return fmt::format("CREATE TRIGGER {} AFTER {} ON {} FOR EACH {} EXECUTE FUNCTION {}()",
                       named(links_trigger_, letter), event, links_, how, on_links_);
  };
  const auto changed = [](const std::string& column) {
    return fmt::format("OLD.{0} IS DISTINCT FROM NEW.{0}", column);
  };
  return {trigger("i", "INSERT", fmt::format("ROW WHEN (NEW.{})", primary_)),
          trigger("d", "DELETE", fmt::format("ROW WHEN (OLD.{})", primary_)),
          trigger("u", "UPDATE",
                  fmt::format("ROW WHEN ((OLD.{0} OR NEW.{0}) AND ({1} OR {2} OR {3}))", primary_, changed(primary_),
                              changed(mine_), changed(other_))),
          trigger("z", "INSERT OR UPDATE OR DELETE OR TRUNCATE", "STATEMENT")};
}

std::vector<std::string> JunctionText::drop_triggers_on_table() const {
  std::vector<std::string> sql;
  for (const char* letter : {"i", "u", "z"})
    sql.push_back(fmt::format("DROP TRIGGER {} ON {}", named(table_trigger_, letter), table_));
  return sql;
}

std::vector<std::string> JunctionText::drop_triggers_on_links() const {
  std::vector<std::string> sql;
  for (const char* letter : {"i", "d", "u", "z"})
    sql.push_back(fmt::format("DROP TRIGGER {} ON {}", named(links_trigger_, letter), links_));
  return sql;
}

}  // namespace segue::plan
