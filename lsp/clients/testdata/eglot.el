;;; eglot.el --- what the test makes Emacs do  -*- lexical-binding: t -*-

;; Emacs opens a file of the module in $SHOP with the server $UNWELD, waits for a hazard, lists the
;; code actions at a type, takes one, undoes that, takes it again, and saves. It prints
;; what it sees, one line each.

(setq user-emacs-directory (file-name-as-directory (getenv "STATE"))) ; nothing of the user's
(require 'cl-lib)
(require 'eglot)
(unless (require 'go-mode nil t)
  (define-derived-mode go-mode prog-mode "Go"))
(add-to-list 'auto-mode-alist '("\\.go\\'" . go-mode))
(add-to-list 'eglot-server-programs `((go-mode go-ts-mode) . (,(getenv "UNWELD") "lsp")))
(setq eglot-sync-connect 120
      make-backup-files nil
      create-lockfiles nil)

(defun say (format &rest values)
  (princ (concat (apply #'format format values) "\n")))

(defmacro await (what &rest condition)
  `(let ((deadline (+ (float-time) 100)))
     (while (not (progn ,@condition))
       (when (> (float-time) deadline)
         (say "FAIL no %s\n%s" ,what (with-current-buffer (jsonrpc-events-buffer (eglot-current-server)) (buffer-string)))
         (kill-emacs 1))
       (accept-process-output nil 0.05))))

(defun visit (file)
  (find-file (expand-file-name file (getenv "SHOP")))
  (unless (eglot-current-server)
    (call-interactively #'eglot)))

(defun buffers-changed ()
  (cl-remove-if-not (lambda (b) (and (buffer-file-name b) (buffer-modified-p b))) (buffer-list)))

;; What a person does who chooses an action from the list of Emacs.
(defun act (title)
  (let ((last-nonmenu-event t))
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt table &rest _)
                 (or (car (cl-find-if (lambda (item) (string-prefix-p title (car item))) table))
                     (progn (say "FAIL no action %s in %S" title (mapcar #'car table)) (kill-emacs 1)))))
              ((symbol-function 'y-or-n-p) (lambda (_) t)))
      (eglot-code-actions (point) (point) nil t))))

(visit "carts/carts.go")
(flymake-start) ; which happens by itself when a window shows the buffer
(await "diagnostic" (flymake-diagnostics))
(say "diagnostic %s" (flymake-diagnostic-text (car (flymake-diagnostics))))

(defun to-engine ()
  (visit "pricing/pricing.go")
  (goto-char (point-min))
  (search-forward "type Engine")
  (backward-char 1))

(to-engine)
(say "actions %d" (length (eglot-code-actions (point) (point))))
(act "Extract Engine as a component: ")
(await "edit" (buffers-changed))
(say "changed %d" (length (buffers-changed)))

(defun on-disk ()
  (if (file-exists-p buffer-file-name)
      (let ((file buffer-file-name))
        (with-temp-buffer (insert-file-contents file) (buffer-string)))
    ""))

;; One undo in each buffer takes all of it back.
(let ((undone 0))
  (dolist (b (buffers-changed))
    (with-current-buffer b
      (undo-boundary)
      (let ((last-command nil)) (undo))
      (eglot--signal-textDocument/didChange) ; which happens by itself when Emacs is idle
      (when (equal (buffer-string) (on-disk))
        (setq undone (1+ undone))
        (set-buffer-modified-p nil)
        (unless (file-exists-p buffer-file-name)
          (kill-buffer)))))
  (say "undone %d" undone))

(to-engine)
(act "Extract Engine as a component: ")
(await "edit" (buffers-changed))
(save-some-buffers t)
(say "saved")
(eglot-shutdown (eglot-current-server))
(kill-emacs 0)
