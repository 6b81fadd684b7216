#include "plan/moves/follow_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/moves/owned.h"

namespace segue::plan {
namespace {

// For each of them, by its number and quoted name, joined.
std::string each(const std::vector<Followed>& values, const std::string& between, const auto& text_of) {
  std::string text;
  for (std::size_t at = 0; at < values.size(); ++at) {
    text += (text.empty() ? "" : between) + text_of(at, pg::quote_name(values[at].column));
  }
  return text;
}

// Whether a row is written otherwise than before, also where the types cannot be compared.
std::string differ(const std::vector<std::string>& columns) {
  std::string was, is;
  for (const auto& one : columns) {
    was += (was.empty() ? "OLD." : ", OLD.") + pg::quote_name(one);
    is += (is.empty() ? "NEW." : ", NEW.") + pg::quote_name(one);
  }
  return columns.empty() ? "false" : fmt::format("pg_catalog.record_image_ne(ROW({}), ROW({}))", was, is);
}

std::string type_of(const Source& source, const std::string& column) {
  return source.table.column(column)->type;
}

}  // namespace

FollowText::FollowText(const Table& target, std::vector<Followed> values, const std::vector<Source>& sources)
    : target_(target),
      values_(std::move(values)),
      sources_(sources),
      name_(pg::quote_name(target.name)),
      meant_(target.quoted() + "." + values_.front().column),
      settle_(named("settle")) {}

std::string FollowText::named(const std::string& what) const {
  return own_name(target_, fmt::format("segue_{}_{}_{}", what, target_.name, values_.front().column), meant_);
}

// Inlined where it is called from. Also whether the row is as it should be.
std::string FollowText::value_function() const {
  return fmt::format(
      "CREATE FUNCTION {}(segue_row {}) RETURNS TABLE ({}, segue_wrong boolean) LANGUAGE sql STABLE BEGIN ATOMIC "
      "SELECT {}, {} "
      "FROM "
      "(SELECT (segue_row).*) AS {} CROSS JOIN LATERAL (SELECT {}) AS segue_now; END",
      named("value"), target_.quoted(),
      each(values_, ", ", [&](auto at, const auto&) { return fmt::format("segue_{} {}", at, values_[at].type); }),
      each(values_, ", ", [](auto at, const auto&) { return fmt::format("segue_now.segue_{}", at); }),
      each(values_, " OR ",
           [&](auto at, const auto& column) {
             return fmt::format("{}.{} IS DISTINCT FROM segue_now.segue_{}", name_, column, at);
           }),
      name_, each(values_, ", ", [&](auto at, const auto&) {
        return fmt::format("{} AS segue_{}", values_[at].question, at);
      }));
}

// A value that cannot be had is NULL: one row never stands in the way of others.
std::string FollowText::safe_function() const {
  const auto outs =
      each(values_, ", ", [&](auto at, const auto&) { return fmt::format("OUT segue_{} {}", at, values_[at].type); });
  const auto names = each(values_, ", ", [](auto at, const auto&) { return fmt::format("segue_{}", at); });
  const auto values = each(values_, ", ", [](auto at, const auto&) { return fmt::format("v.segue_{}", at); });
  const auto nulls = each(values_, " ", [](auto at, const auto&) { return fmt::format("segue_{} := NULL;", at); });
  const auto filled =
      each(values_, " OR ", [](auto, const auto& column) { return fmt::format("segue_row.{} IS NOT NULL", column); });
  return fmt::format(
      "CREATE FUNCTION {}(segue_row {}, {}, OUT segue_wrong boolean) LANGUAGE plpgsql STABLE SECURITY DEFINER SET "
      "search_path = pg_catalog, pg_temp AS {}",
      named("safe"), target_.quoted(), outs,
      quoted_body(
          fmt::format("\n#variable_conflict use_column\nBEGIN\n  SELECT {}, v.segue_wrong INTO {}, segue_wrong FROM "
                      "{}(segue_row) AS v;\nEXCEPTION WHEN others THEN\n  {}\n  segue_wrong := {};\nEND\n",
                      values, names, named("value"), nulls, filled)));
}

std::string FollowText::value_of(std::size_t at) const {
  return fmt::format("(SELECT v.segue_{} FROM {}({}.*) AS v)", at, named("value"), name_);
}

std::string FollowText::wrong() const {
  return fmt::format("(SELECT v.segue_wrong FROM {}({}.*) AS v)", named("value"), name_);
}

std::string FollowText::reach_query(std::size_t at, const std::vector<std::string>& values) const {
  const auto& source = sources_[at];
  std::string image;
  for (std::size_t one = 0; one < source.finds.size(); ++one) {
    image += fmt::format("{}{} AS {}", one ? ", " : "", values[one], pg::quote_name(source.finds[one]));
  }
  auto from = fmt::format("{}, (SELECT {}) AS {}", target_.quoted(), image, pg::quote_name(source.alias));
  for (const auto other : source.over) {
    from += fmt::format(", {} AS {}", sources_[other].table.quoted(), pg::quote_name(sources_[other].alias));
  }
  std::string where;
  for (const auto& one : source.conditions) where += fmt::format("{}({})", where.empty() ? "" : " AND ", one);
  return fmt::format("SELECT {}.ctid FROM {}{}", name_, from, where.empty() ? "" : " WHERE " + where);
}

std::string FollowText::reach_function(std::size_t at) const {
  std::vector<std::string> types, values;
  for (const auto& one : sources_[at].finds) {
    types.push_back(type_of(sources_[at], one));
    values.push_back(fmt::format("${}", values.size() + 1));
  }
  return fmt::format("CREATE FUNCTION {}({}) RETURNS SETOF tid LANGUAGE sql STABLE BEGIN ATOMIC {}; END",
                     named(fmt::format("reach{}", at)), join(types, ", "), reach_query(at, values));
}

// Rows that are wrong and that nobody holds. The trigger of the row gives it its value.
std::string FollowText::mend(const std::string& which) const {
  const auto same = each(values_, ", ", [](auto, const auto& column) { return column + " = " + column; });
  return fmt::format(
      "UPDATE {0} SET {1} WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM {0} AS t CROSS JOIN LATERAL {2}(t) AS v WHERE "
      "{3}v.segue_wrong FOR NO KEY UPDATE OF t SKIP LOCKED));",
      target_.quoted(), same, named("safe"), which.empty() ? "" : which + " AND ");
}

// All at once; where one row refuses (a trigger of the target's own raises), the others all the same.
std::string FollowText::mend_function() const {
  return definer(named("mend"), "segue_places tid[]", "void",
                 fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_place tid;
BEGIN
  {}
EXCEPTION WHEN others THEN
  FOREACH segue_place IN ARRAY segue_places LOOP
    BEGIN
      {}
    EXCEPTION WHEN others THEN
      NULL;
    END;
  END LOOP;
END
)sql",
                             mend("t.ctid = ANY (segue_places)"), mend("t.ctid = segue_place")));
}

std::string FollowText::reached(std::size_t at, const std::string& row) const {
  std::vector<std::string> values;
  for (const auto& one : sources_[at].finds) values.push_back(row + "." + pg::quote_name(one));
  return fmt::format("ARRAY(SELECT {}({}))", named(fmt::format("reach{}", at)), join(values, ", "));
}

// Every type comes back from its text as it was.
std::string FollowText::reached_by_note(std::size_t at, const std::string& which) const {
  std::vector<std::string> values;
  for (const auto& one : sources_[at].finds) {
    values.push_back(
        fmt::format("(segue_note.{} ->> {})::{}", which, pg::quote_literal(one), type_of(sources_[at], one)));
  }
  return fmt::format("ARRAY(SELECT {}({}))", named(fmt::format("reach{}", at)), join(values, ", "));
}

std::string FollowText::settle_function() const {
  std::string mends = "IF segue_note.source = 0 THEN\n        " + mend("") + "\n";
  // A few tell as much as all of them.
  std::string left = fmt::format(
      "WHEN 0 THEN ARRAY(SELECT t.ctid FROM {} AS t CROSS JOIN LATERAL {}(t) AS v WHERE v.segue_wrong LIMIT 9)",
      target_.quoted(), named("safe"));
  for (std::size_t at = 0; at < sources_.size(); ++at) {
    mends += fmt::format("      ELSIF segue_note.source = {} THEN\n", at + 1);
    std::string both;
    for (const char* which : {"old_row", "new_row"}) {
      const auto places = reached_by_note(at, which);
      mends += fmt::format("        IF segue_note.{0} IS NOT NULL THEN\n          PERFORM {1}({2});\n        END IF;\n",
                           which, named("mend"), places);
      both += fmt::format("{}CASE WHEN segue_note.{} IS NOT NULL THEN {} ELSE ARRAY[]::tid[] END",
                          both.empty() ? "" : " || ", which, places);
    }
    left += fmt::format(" WHEN {} THEN {}", at + 1, both);
  }
  const auto wrong = fmt::format(
      "EXISTS (SELECT FROM {} AS t CROSS JOIN LATERAL {}(t) AS v WHERE v.segue_wrong AND t.ctid = ANY (CASE "
      "segue_note.source {} END))",
      target_.quoted(), named("safe"), left);
  const auto body = fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_note record;
BEGIN
  FOR segue_note IN{}
  LOOP
    BEGIN
      {}      END IF;{}
    END;
  END LOOP;
  RETURN {};
END
)sql",
                                notes_to_look_at(settle_), mends, note_looked_at(wrong), notes_left(settle_));
  return definer(settle_, "segue_most integer", "bigint", body);
}

std::string FollowText::target_function() const {
  const auto columns = each(values_, ", ", [](auto, const auto& column) { return "NEW." + column; });
  const auto values = each(values_, ", ", [](auto at, const auto&) { return fmt::format("v.segue_{}", at); });
  const auto nulls =
      each(values_, " ", [](auto, const auto& column) { return fmt::format("NEW.{} := NULL;", column); });
  return definer(
      named("sync"), "", "trigger",
      fmt::format("\n#variable_conflict use_column\nBEGIN\n  BEGIN\n    SELECT {} INTO {} FROM {}(NEW) AS v;\n"
                  "  EXCEPTION WHEN others THEN\n    {}\n  END;\n  RETURN NEW;\nEND\n",
                  values, columns, named("safe"), nulls));
}

// Where a trigger of the target's own has written the source, the row is being written at this moment.
std::string FollowText::source_function(std::size_t at) const {
  const auto& source = sources_[at];
  const auto image = [&](const std::string& row) {
    std::string fields;
    for (const auto& one : source.finds) {
      fields += fmt::format("{}{}, {}.{}::text", fields.empty() ? "" : ", ", pg::quote_literal(one), row,
                            pg::quote_name(one));
    }
    return fmt::format("jsonb_build_object({})", fields);
  };
  const auto note = [&](const std::string& number, const std::string& old_row, const std::string& new_row) {
    return fmt::format("INSERT INTO segue.resync (sync, source, old_row, new_row) VALUES ({}, {}, {}, {});",
                       pg::quote_literal(settle_), number, old_row, new_row);
  };
  const auto call_mend = [&](const std::string& row) {
    return fmt::format("PERFORM {}({});", named("mend"), reached(at, row));
  };
  const auto number = std::to_string(at + 1);
  return definer(
      named(fmt::format("from{}", at)), "", "trigger",
      fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_noted boolean := to_regclass('segue.resync') IS NOT NULL;
BEGIN
  IF TG_LEVEL = 'STATEMENT' AND TG_OP <> 'TRUNCATE' THEN
    IF segue_noted AND pg_trigger_depth() = 1 AND current_setting('transaction_isolation') = 'read committed' THEN
      BEGIN
        PERFORM {0}(2);
      EXCEPTION WHEN others THEN
        NULL;
      END;
    END IF;
    RETURN NULL;
  END IF;
  IF TG_OP = 'TRUNCATE' THEN
    IF segue_noted THEN
      {1}
    END IF;
    RETURN NULL;
  END IF;
  IF segue_noted THEN
    CASE TG_OP
    WHEN 'INSERT' THEN {2}
    WHEN 'DELETE' THEN {3}
    ELSE
      IF {4} THEN
        {5}
      ELSE
        {2}
      END IF;
    END CASE;
  END IF;
  IF pg_trigger_depth() > 1 AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = {6}::regclass AND NOT g.tgisinternal
                                        AND g.tgtype & 2 <> 0 AND g.tgname !~ '^[~!]segue_') THEN
    RETURN NULL;
  END IF;
  BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND {4}) THEN
      {7}
    END IF;
    IF TG_OP IN ('UPDATE', 'INSERT') THEN
      {8}
    END IF;
  EXCEPTION WHEN others THEN
    NULL;  -- it is noted, and looked at again
  END;
  RETURN NULL;
END
)sql",
                  settle_, note("0", "NULL", "NULL"), note(number, "NULL", image("NEW")),
                  note(number, image("OLD"), "NULL"), differ(source.finds), note(number, image("OLD"), image("NEW")),
                  pg::quote_literal(target_.quoted()), call_mend("OLD"), call_mend("NEW")));
}

std::vector<MadeFunction> FollowText::made() const {
  std::vector<MadeFunction> all = {{named("value"), target_.quoted()},
                                   {named("safe"), target_.quoted()},
                                   {named("mend"), "tid[]"},
                                   {settle_, "integer"},
                                   {named("sync"), ""}};
  for (std::size_t at = 0; at < sources_.size(); ++at) {
    std::vector<std::string> types;
    for (const auto& one : sources_[at].finds) types.push_back(type_of(sources_[at], one));
    all.push_back({named(fmt::format("reach{}", at)), join(types, ", ")});
    all.push_back({named(fmt::format("from{}", at)), ""});
  }
  return all;
}

std::vector<std::string> FollowText::functions() const {
  std::vector<std::string> sql = {value_function(), safe_function(), mend_function()};
  for (std::size_t at = 0; at < sources_.size(); ++at) sql.push_back(reach_function(at));
  sql.push_back(settle_function());
  sql.push_back(target_function());
  for (std::size_t at = 0; at < sources_.size(); ++at) sql.push_back(source_function(at));
  sql.push_back(give_to_owner(target_, made()));
  return sql;
}

std::vector<std::string> FollowText::drop_functions() const {
  return drop_texts(made());
}

SyncTrigger FollowText::on_target(int number) const {
  SyncTrigger trigger;
  trigger.name = fmt::format("~segue_out_{:02}", number);
  const auto name = pg::quote_name(own_mark(trigger.name + "_" + values_.front().column, meant_));
  const auto table = target_.quoted();
  trigger.create = {fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}()",
                                name, table, named("sync")),
                    fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table, name)};
  trigger.drop = {fmt::format("DROP TRIGGER {} ON {}", name, table)};
  return trigger;
}

std::vector<std::pair<std::string, std::string>> FollowText::triggers_on(std::size_t at) const {
  const auto& source = sources_[at];
  std::vector<std::pair<std::string, std::string>> found;
  const auto add = [&](const std::string& mark, const std::string& event, const std::string& how) {
    const auto name = own_mark(fmt::format("~segue_from_{}{}_{}", mark, at, target_.name), meant_ + std::to_string(at));
    found.emplace_back(pg::quote_name(name),
                       fmt::format("AFTER {} ON {} FOR EACH {}", event, source.table.quoted(), how));
  };
  add("i", "INSERT OR DELETE", "ROW");
  if (!source.columns.empty()) add("u", "UPDATE", fmt::format("ROW WHEN ({})", differ(source.columns)));
  add("t", "TRUNCATE", "STATEMENT");
  std::string columns;
  for (const auto& one : source.columns) columns += (columns.empty() ? " OF " : ", ") + pg::quote_name(one);
  add("z", columns.empty() ? "INSERT OR DELETE" : "INSERT OR DELETE OR UPDATE" + columns, "STATEMENT");
  return found;
}

// For the engine's own rows and for what a subscription applies as well.
std::vector<std::string> FollowText::on_source(std::size_t at) const {
  std::vector<std::string> sql;
  for (const auto& [name, rest] : triggers_on(at)) {
    sql.push_back(
        fmt::format("CREATE TRIGGER {} {} EXECUTE FUNCTION {}()", name, rest, named(fmt::format("from{}", at))));
    sql.push_back(fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", sources_[at].table.quoted(), name));
  }
  return sql;
}

std::vector<std::string> FollowText::drop_on_source(std::size_t at) const {
  std::vector<std::string> sql;
  for (const auto& [name, rest] : triggers_on(at)) {
    sql.push_back(fmt::format("DROP TRIGGER {} ON {}", name, sources_[at].table.quoted()));
  }
  return sql;
}

}  // namespace segue::plan
