#include "plan/moves/follow_text.h"

#include <fmt/format.h>

#include <set>

#include "pg/quote.h"
#include "plan/moves/sync.h"

namespace segue::plan {
namespace {

// Types that know no equality are compared as text.
bool can_be_compared(const std::string& type) {
  static const std::set<std::string> cannot = {"json", "xml", "point", "box", "line", "lseg", "path", "polygon"};
  return !cannot.contains(type);
}

std::string noted_image(const Source& source, const std::string& which) {
  return fmt::format("(SELECT segue_row.* FROM jsonb_populate_record(NULL::{}, segue_entry.{}) AS segue_row)",
                     source.table.quoted(), which);
}

}  // namespace

FollowText::FollowText(const migration::BackfillMove& move, const migration::BackfillMove& asked, const Table& target,
                       const std::vector<Source>& sources, std::string settle)
    : move_(move), target_(target), sources_(sources), name_(pg::quote_name(target.name)), settle_(std::move(settle)) {
  for (const auto& one : asked.set) {
    const auto column = pg::quote_name(one.column.value);
    wrong_ +=
        fmt::format("{}{}.{} IS DISTINCT FROM ({})", wrong_.empty() ? "" : " OR ", name_, column, one.expression.value);
    same_ += fmt::format("{}{} = {}", same_.empty() ? "" : ", ", column, column);
  }
}

std::string FollowText::reached(const Source& source, const std::string& image, const std::string& which) const {
  auto from = from_of(move_);
  const auto& written = source.written;
  const auto put = written.has_alias ? image : fmt::format("{} AS {}", image, pg::quote_name(written.alias));
  from.replace(written.place.begin, written.place.end - written.place.begin, put);
  return fmt::format("SELECT {0}.ctid FROM {1}, {2} WHERE {3}({4})", name_, target_.quoted(), from,
                     move_.where.empty() ? "" : "(" + move_.where.value + ") AND ", which);
}

// Places are good for one statement, in which the rows are held. The trigger of the row gives it its value.
std::string FollowText::mend(const std::string& rows) const {
  return fmt::format("UPDATE {} SET {} WHERE ctid = ANY (ARRAY({} FOR NO KEY UPDATE OF {} SKIP LOCKED));",
                     target_.quoted(), same_, rows, name_);
}

std::string FollowText::note(const std::string& number, const std::string& old_row, const std::string& new_row) const {
  return fmt::format("INSERT INTO segue.resync (sync, source, old_row, new_row) VALUES ({}, {}, {}, {});",
                     pg::quote_literal(settle_), number, old_row, new_row);
}

std::string FollowText::definer(const std::string& name, const std::string& arguments, const std::string& returns,
                                const std::string& body) const {
  return fmt::format(
      "CREATE FUNCTION {}({}) RETURNS {} LANGUAGE plpgsql SECURITY DEFINER SET search_path = {}, pg_temp AS {}", name,
      arguments, returns, target_.search_path.empty() ? pg::quote_name(target_.schema) : target_.search_path,
      quoted_body(body));
}

std::string FollowText::settle_function() const {
  std::string mends =
      fmt::format("      IF segue_entry.source = 0 THEN\n        {}\n",
                  mend(fmt::format("SELECT {0}.ctid FROM {1} WHERE {2}", name_, target_.quoted(), wrong_)));
  std::string left = fmt::format("WHEN 0 THEN EXISTS (SELECT FROM {} WHERE {})", target_.quoted(), wrong_);
  for (std::size_t at = 0; at < sources_.size(); ++at) {
    mends += fmt::format("      ELSIF segue_entry.source = {} THEN\n", at + 1);
    left += fmt::format(" WHEN {} THEN false", at + 1);
    for (const char* which : {"old_row", "new_row"}) {
      const auto rows = reached(sources_[at], noted_image(sources_[at], which), wrong_);
      mends += fmt::format("        IF segue_entry.{0} IS NOT NULL THEN\n          {1}\n        END IF;\n", which,
                           mend(rows));
      left += fmt::format(" OR (segue_entry.{} IS NOT NULL AND EXISTS ({}))", which, rows);
    }
  }
  mends += "      END IF;\n";
  const auto body = fmt::format(R"sql(
#variable_conflict use_column
DECLARE
  segue_entry record;
  segue_left boolean;
BEGIN
  FOR segue_entry IN
    SELECT r.id, r.source, r.old_row, r.new_row, r.xid, r.seen FROM segue.resync r
    WHERE r.sync = {0} AND r.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
      AND (r.seen IS NULL OR r.seen <= pg_snapshot_xmin(pg_current_snapshot())) AND (r.source > 0 OR segue_most > 100)
    ORDER BY r.id LIMIT segue_most FOR UPDATE SKIP LOCKED
  LOOP
    BEGIN
{1}      IF segue_entry.seen IS NULL THEN
        UPDATE segue.resync SET seen = pg_snapshot_xmax(pg_current_snapshot()) WHERE id = segue_entry.id;
      ELSIF NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND a.backend_xmin IS NOT NULL
                        AND coalesce(a.backend_type, '') NOT IN ('walsender', 'autovacuum worker')
                        AND age(a.backend_xmin) >= age(segue_entry.xid::xid)) THEN
        segue_left := CASE segue_entry.source {2} ELSE false END;
        IF NOT segue_left THEN
          DELETE FROM segue.resync WHERE id = segue_entry.id;
        END IF;
      END IF;
    EXCEPTION WHEN others THEN
      NULL;  -- looked at again the next time
    END;
  END LOOP;
  RETURN (SELECT count(*) FROM segue.resync r WHERE r.sync = {0});
END
)sql",
                                pg::quote_literal(settle_), mends, left);
  return definer(settle_, "segue_most integer", "bigint", body);
}

std::string FollowText::changed(const Source& source, const std::vector<std::string>& columns) {
  std::string any;
  for (const auto& name : columns) {
    const auto column = pg::quote_name(name);
    const auto* known = source.table.column(name);
    const std::string as = known == nullptr || can_be_compared(known->type) ? "" : "::text";
    any += fmt::format("{0}OLD.{1}{2} IS DISTINCT FROM NEW.{1}{2}", any.empty() ? "" : " OR ", column, as);
  }
  return any.empty() ? "false" : any;
}

// A change of what is not read changes nothing; one of values only reaches the same rows before and after.
std::string FollowText::source_function(std::size_t at, const std::string& name) const {
  const auto& source = sources_[at];
  const auto image = [&](const std::string& row) {
    std::string fields;
    for (const auto& one : source.finds) {
      fields +=
          fmt::format("{}{}, {}.{}", fields.empty() ? "" : ", ", pg::quote_literal(one), row, pg::quote_name(one));
    }
    return fmt::format("jsonb_build_object({})", fields);
  };
  const auto number = std::to_string(at + 1);
  const auto body =
      fmt::format(R"sql(
#variable_conflict use_column
BEGIN
  IF to_regclass('segue.resync') IS NOT NULL THEN
    CASE TG_OP
    WHEN 'TRUNCATE' THEN {0}
    WHEN 'INSERT' THEN {1}
    WHEN 'DELETE' THEN {2}
    ELSE
      IF {7} THEN
        {3}
      ELSE
        {1}
      END IF;
    END CASE;
  END IF;
  BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND ({7})) THEN
      {4}
    END IF;
    IF TG_OP IN ('UPDATE', 'INSERT') THEN
      {5}
    END IF;
    IF current_setting('transaction_isolation') = 'read committed' THEN
      PERFORM {6}(2);
    END IF;
  EXCEPTION WHEN others THEN
    NULL;  -- it is noted, and looked at again
  END;
  RETURN NULL;
END
)sql",
                  note("0", "NULL", "NULL"), note(number, "NULL", image("NEW")), note(number, image("OLD"), "NULL"),
                  note(number, image("OLD"), image("NEW")), mend(reached(source, "(SELECT OLD.*)", wrong_)),
                  mend(reached(source, "(SELECT NEW.*)", wrong_)), settle_, changed(source, source.finds));
  return definer(name, "", "trigger", body);
}

}  // namespace segue::plan
