package io.counterfoil.sql;

/**
 * Something the operator can mend, told in one message: what, its value, what was expected, where, and the next step. Shown without
 * a stack trace.
 */
public final class OperatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whose turn it is; each has its exit code. */
    public enum Category {
        /** Bad input or settings: exit code 2. */
        INPUT(2),
        /** Corrupt data: exit code 3. */
        CORRUPT(3),
        /** A dependency is down: exit code 4. */
        DOWN(4);

        private final int exitCode;

        Category(int exitCode) {
            this.exitCode = exitCode;
        }
    }

    private final Category category;

    private OperatorException(Category category, String message, Throwable cause) {
        super(message, cause);
        this.category = category;
    }

    public static OperatorException input(String message) {
        return new OperatorException(Category.INPUT, message, null);
    }

    public static OperatorException corrupt(String message) {
        return new OperatorException(Category.CORRUPT, message, null);
    }

    public static OperatorException down(String message, Throwable cause) {
        return new OperatorException(Category.DOWN, message, cause);
    }

    public Category category() {
        return category;
    }

    public int exitCode() {
        return category.exitCode;
    }
}
