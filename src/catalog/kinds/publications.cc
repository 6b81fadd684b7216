#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind publications(int version) {
  const std::string generated =
      version >= 180000 ? R"(CASE p.pubgencols WHEN 's' THEN 'stored' END AS "generated columns",)" : "";
  return {"publication",
          R"(
    SELECT quote_ident(p.pubname) AS name, pg_get_userbyid(p.pubowner) AS owner,
      CASE WHEN p.puballtables THEN 'yes' END AS "all tables",
      concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publishes,
      CASE WHEN p.pubviaroot THEN 'yes' END AS "via root",)" +
              generated + R"(
      obj_description(p.oid, 'pg_publication') AS comment
    FROM pg_publication p
    WHERE p.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_publication'::regclass))",
          false};
}

Kind publication_tables(int version) {
  // Row filters and column lists came with 15.
  const std::string filters = version >= 150000 ? R"(,
      pg_get_expr(r.prqual, r.prrelid) AS "where",
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
         FROM unnest(r.prattrs) number JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = number) AS columns)"
                                                : "";
  return {"publication table", R"(
    SELECT c.qualified || ' on ' || quote_ident(p.pubname) AS name, c.qualified AS of)" +
                                   filters + R"(
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN relation c ON c.oid = r.prrelid)"};
}

Kind publication_schemas(int version) {
  if (version < 150000) return {"publication schema", "SELECT '' AS name WHERE false"};
  return {"publication schema", R"(
    SELECT quote_ident(s.nspname) || ' on ' || quote_ident(p.pubname) AS name
    FROM pg_publication_namespace r JOIN pg_publication p ON p.oid = r.pnpubid JOIN scope s ON s.oid = r.pnnspid)"};
}

// Subscriptions of this database, as far as every user may read them: without the connection string.
Kind subscriptions() {
  return {"subscription", R"(
    SELECT quote_ident(s.subname) AS name, pg_get_userbyid(s.subowner) AS owner,
      CASE WHEN NOT s.subenabled THEN 'yes' END AS disabled,
      CASE WHEN s.subbinary THEN 'yes' END AS "binary",
      CASE s.substream::text WHEN 'true' THEN 'on' WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' END AS streaming,
      quote_ident(s.subslotname) AS slot, s.subsynccommit AS "synchronous commit",
      (SELECT string_agg(quote_ident(one), ', ' ORDER BY one COLLATE "C") FROM unnest(s.subpublications) one) AS publications,
      obj_description(s.oid, 'pg_subscription') AS comment
    FROM pg_subscription s
    WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))",
          false};
}

}  // namespace segue::catalog
