; SBCL compiles to memory, finds out by faults what its collector has to look at, and makes conditions of
; SIGSEGV on guard pages and of SIGFPE.
(defun sum (numbers) (reduce #'+ numbers))

(format t "~a~%" (funcall (compile nil '(lambda (n) (* n (expt 2 70)))) 3))

(let ((kept nil))
  (dotimes (round 40)
    (setf kept (loop repeat 1000 collect (make-array 50 :initial-element round)))
    (dotimes (each 20000) (make-array 20)))
  (sb-ext:gc :full t)
  (format t "~a~%" (sum (mapcar (lambda (it) (aref it 7)) kept))))

(let* ((body (lambda (first)
               (loop for i from first below (+ first 100000) when (evenp i) collect i)))
       (threads (loop for i below 4 collect
                      (let ((first (* i 1000)))
                        (sb-thread:make-thread (lambda () (sum (funcall body first))))))))
  (format t "~a~%" (mapcar #'sb-thread:join-thread threads)))

(defun deeper (n) (1+ (deeper (1+ n))))
(format t "~a~%" (handler-case (deeper 0) (storage-condition () 'deep)))
(format t "~a~%" (handler-case (deeper 0) (storage-condition () 'deep-again)))

(defun divide (a b) (declare (double-float a b)) (/ a b))
(format t "~a~%" (handler-case (divide 1d0 0d0) (arithmetic-error () 'by-zero)))

(format t "~a~%" (handler-case (sb-ext:with-timeout 0.2 (loop (sleep 5)))
                   (sb-ext:timeout () 'timed-out)))

(format t "~a" (with-output-to-string (out)
                 (sb-ext:run-program "/bin/sh" '("-c" "echo from a child; exit 3") :output out)))
