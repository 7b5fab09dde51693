package io.counterfoil.accesslog.file;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why something failed, in words: Java's own message of a file that is not there is its bare path. */
public final class Reason {
    private Reason() {}

    public static String of(Throwable e) {
        String said = e.getMessage() == null ? e.toString() : e.getMessage();
        if (e instanceof NoSuchFileException) {
            return said + ": there is no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return said + ": permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return said + ": is there already";
        }
        if (e instanceof NotDirectoryException) {
            return said + ": is no folder";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return said + ": is a folder that is not empty";
        }
        return e instanceof Error ? e.toString() : said;
    }
}
