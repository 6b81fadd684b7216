-- Keys, foreign keys, indexes and triggers of the legacy system; see schema.sql.

SET maintenance_work_mem = '256MB';

ALTER TABLE users
  ADD CONSTRAINT users_pkey PRIMARY KEY (id),
  ADD CONSTRAINT users_username_key UNIQUE (username),
  ADD CONSTRAINT users_email_key UNIQUE (email);
ALTER TABLE work_orders
  ADD CONSTRAINT work_orders_pkey PRIMARY KEY (id),
  ADD CONSTRAINT work_orders_job_no_key UNIQUE (job_no);
ALTER TABLE work_order_notes ADD CONSTRAINT work_order_notes_pkey PRIMARY KEY (id);
ALTER TABLE status_updates ADD CONSTRAINT status_updates_pkey PRIMARY KEY (id);
ALTER TABLE photos ADD CONSTRAINT photos_pkey PRIMARY KEY (id);
ALTER TABLE notifications ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);
ALTER TABLE sms_notifications ADD CONSTRAINT sms_notifications_pkey PRIMARY KEY (id);

ALTER TABLE users
  ADD CONSTRAINT users_account_manager_id_fkey FOREIGN KEY (account_manager_id) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE work_orders
  ADD CONSTRAINT work_orders_client_id_fkey FOREIGN KEY (client_id) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE SET NULL,
  ADD CONSTRAINT work_orders_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE work_order_notes
  ADD CONSTRAINT work_order_notes_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES work_orders (id)
    ON UPDATE CASCADE ON DELETE CASCADE,
  ADD CONSTRAINT work_order_notes_created_by_fkey FOREIGN KEY (created_by) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE status_updates
  ADD CONSTRAINT status_updates_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES work_orders (id)
    ON UPDATE CASCADE ON DELETE CASCADE,
  ADD CONSTRAINT status_updates_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE photos
  ADD CONSTRAINT photos_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES work_orders (id)
    ON UPDATE CASCADE ON DELETE CASCADE,
  ADD CONSTRAINT photos_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE notifications
  ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE CASCADE,
  ADD CONSTRAINT notifications_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES work_orders (id)
    ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE sms_notifications
  ADD CONSTRAINT sms_notifications_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES work_orders (id)
    ON UPDATE CASCADE ON DELETE SET NULL,
  ADD CONSTRAINT sms_notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
    ON UPDATE CASCADE ON DELETE SET NULL;

CREATE INDEX users_role ON users (role);
CREATE INDEX work_orders_status ON work_orders (status);
CREATE INDEX work_orders_client_id ON work_orders (client_id);
CREATE INDEX work_order_notes_work_order_id ON work_order_notes (work_order_id);
CREATE INDEX status_updates_work_order_id ON status_updates (work_order_id);
CREATE INDEX photos_work_order_id ON photos (work_order_id);
CREATE INDEX notifications_user_id ON notifications (user_id);
CREATE INDEX sms_notifications_work_order_id ON sms_notifications (work_order_id);

CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER work_orders_touch BEFORE UPDATE ON work_orders FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

ANALYZE users, work_orders, work_order_notes, status_updates, photos, notifications, sms_notifications;
RESET maintenance_work_mem;
