-- Eleven more clients, for looking at plans and times when Visionwest is one of twelve. Run it after the switch, by hand:
--   psql -f many-clients.sql; then EXPLAIN the queries of the probes for any client, or `segue verify`.
-- Each client gets a twelfth of Visionwest's orders as its own, under the same job numbers.

INSERT INTO clients (name, code)
SELECT 'Client ' || n, 'CLIENT-' || n FROM generate_series(1, 11) AS n;

INSERT INTO work_orders (client_id, job_no, date, status, priority, work_order_type, property_name, property_address,
                         description, supplier_name, po_number)
SELECT other.id, w.job_no, w.date, w.status, w.priority, w.work_order_type, w.property_name, w.property_address,
       w.description, w.supplier_name, w.po_number
FROM work_orders w
JOIN clients visionwest ON visionwest.id = w.client_id AND visionwest.code = 'VISIONWEST'
JOIN clients other ON other.code = 'CLIENT-' || w.id % 12;

ANALYZE work_orders, clients;
